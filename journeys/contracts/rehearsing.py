"""What higher floors add to rehearsals: what becomes of messages, and what a person may do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from core.registry import Registry
from journeys.contracts.plugins import Words

Verdict = Literal["waiting", "send", "deferred", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Hold:
    """One time a message was held back: by which rule, and until when; None for good."""

    code: str
    words: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A merge field that had no value, and what is shown in its place; "" for nothing."""

    name: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class DrawnMail:
    """A message as its reader would get it, its links leading nowhere."""

    subject: str
    html: str
    text: str
    gaps: Sequence[Gap] = ()
    # Where its links lead, in order.
    links: Sequence[str] = ()


@dataclass(frozen=True)
class RehearsedMessage:
    """A message that a rehearsal queued and what became of it."""

    id: UUID
    enrolment_id: UUID
    step_id: str
    visit: int
    name: str
    queued_at: datetime
    verdict: Verdict
    # The rule that decided, as a code and in words; "" when it was sent.
    reason: str = ""
    reason_words: str = ""
    sent_at: datetime | None = None
    # When a deferred one is asked about again.
    until: datetime | None = None
    # Every time it was held back, also when it went out in the end.
    holds: Sequence[Hold] = ()
    drawn: DrawnMail | None = None


@dataclass(frozen=True)
class Casting:
    """Whose rehearsal of which journey it is, from when, and how closely messages are looked at.

    `draws` fills each message in; `heeds_guards` off sends what guards would hold back, and notes
    them all the same.
    """

    contact_id: UUID
    journey_id: UUID
    begins: datetime
    draws: bool = False
    heeds_guards: bool = True


class Outbox(ABC):
    """The messages of one rehearsal. Opening it takes back what this journey sent this contact."""

    def come_to(self, now: datetime) -> None:
        """Time has moved on to here: what others sent up to now is to be seen from now on."""
        return

    @abstractmethod
    def settle(self, now: datetime) -> int:
        """Decide on the messages that are due, as sending would at that moment; how many."""

    @abstractmethod
    def next_due(self) -> datetime | None:
        """When one that waits is to be asked about again."""

    @abstractmethod
    def messages(self) -> list[RehearsedMessage]:
        """All of them, oldest first."""


@dataclass(frozen=True)
class OutboxKind:
    """A floor that sends; `open` is called inside the rehearsal's transaction."""

    key: str
    open: Callable[[Casting], Outbox]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing the person could do now; `value` tells it from others of the same behaviour."""

    label: Words
    value: str = ""


@dataclass(frozen=True)
class Standpoint:
    """Where somebody stands in a rehearsal who is about to do something."""

    contact_id: UUID
    journey_id: UUID
    now: datetime
    messages: Sequence[RehearsedMessage] = ()
    # What started their newest run.
    context: dict[str, Any] = field(default_factory=dict)
    # Unique among all they do, for ids of facts.
    number: int = 0


class Behaviour(ABC):
    """One kind of thing people do; one file each in some app's `behaviours`.

    `act` records the facts as they are recorded in life, at `at.now`, inside a transaction that is
    undone: through services, without network.
    """

    key: str
    icon: str = "user"
    order: int = 100

    @abstractmethod
    def options(self, at: Standpoint) -> Sequence[Option]:
        """What they could do; [] when there is nothing of the kind to do."""

    @abstractmethod
    def act(self, at: Standpoint, value: str) -> None:
        """Do it; `value` is that of one of the options."""


outboxes: Registry[OutboxKind] = Registry("outboxes of rehearsals")
behaviours: Registry[Behaviour] = Registry("behaviours")
