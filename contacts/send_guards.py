"""Reasons not to send a message, which any floor above may have: one file in `guards/` each.

A guard says in SQL when it objects, and then whether the message is skipped or deferred. It is
asked in one statement together with all others, in the transaction of the send moment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

from core.registry import Registry
from tenants.models import Workspace


@dataclass(frozen=True)
class Guard:
    """One reason not to send.

    `objects` is a SQL condition over `m` (the message) and `c` (its contact, whose columns are
    null when it is gone). `until` is a SQL timestamp, for guards that defer. Both may use
    `%(now)s`, `%(group)s` (the ids asked about) and what `parameters` gives.

    Of a message, floors beside the one that keeps messages know `id`, `lane` (0 is what people
    asked for, all above is marketing), `contact_id`, `enrolment_id`, `queued_at` and `context`,
    in which `event` is what started its run. A guard that concerns few messages asks these first:
    `AND` goes from the left.
    """

    key: str
    order: int
    label: str | Promise
    sentence: str | Promise
    objects: str
    action: Literal["skip", "defer"] = "skip"
    until: str = "NULL"
    parameters: Callable[[Workspace], dict[str, Any]] | None = None


guards: Registry[Guard] = Registry("send guards")
