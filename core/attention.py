"""What somebody should look at today: each app registers its concerns in its own `attention.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class Concern:
    """Rows that ask for somebody; `words(count)` gives a title and a sentence.

    `rows(now)` is counted together with those of all other concerns, in one query.
    """

    key: str
    icon: str
    tone: str
    rows: Callable[[datetime], "QuerySet[Any]"]
    words: Callable[[int], tuple[str, str]]
    # What the button says, and where it leads.
    action: str | Promise
    url_name: str
    order: int = 100


concerns: Registry[Concern] = Registry("concerns")
