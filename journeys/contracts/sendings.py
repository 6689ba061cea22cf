"""What higher floors tell of the messages that somebody's runs queued, one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from core.registry import Registry
from journeys.contracts.plugins import Words

State = Literal["sent", "waiting", "held_back", "skipped", "failed", "in_doubt"]


@dataclass(frozen=True, slots=True)
class Objection:
    """What would keep a message from leaving now: a stable code and a sentence.

    `until` is when it is asked again; None for a message that would be dropped.
    """

    code: str
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One message of one stay at a step, and what became of it.

    `code` and `sentence` tell why it was not sent; `until` is when one held back is tried again.
    """

    enrolment_id: UUID
    step_id: str
    visit: int
    name: str
    state: State
    label: Words
    queued_at: datetime
    sent_at: datetime | None = None
    until: datetime | None = None
    code: str = ""
    sentence: str = ""
    # Of one that has not left: what would keep it from leaving now; None for nothing.
    objection: Objection | None = None


@dataclass(frozen=True)
class SendingSource:
    """The messages of one contact in one journey, newest first, in two statements at most.

    (contact id, journey id, now); nothing is written, and nobody is held up.
    """

    key: str
    sendings: Callable[[UUID, UUID, datetime], Sequence[Sending]]


sending_sources: Registry[SendingSource] = Registry("sending sources")
