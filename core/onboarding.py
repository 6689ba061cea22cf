"""What a new workspace does first: each app registers its items in its own `onboarding.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class ChecklistItem:
    """One thing to do once; `done(workspace)` is an answer, or rows that there must be any of.

    Rows are asked for together with those of all other items, in one query.
    """

    key: str
    label: str | Promise
    # What the button says.
    action: str | Promise
    url_name: str
    done: Callable[[Any], "bool | QuerySet[Any]"]
    order: int = 100


checklist: Registry[ChecklistItem] = Registry("onboarding checklist")
