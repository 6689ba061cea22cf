"""What a step answers for each person who stands at it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Next:
    """Go on to the step below."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """Go into lane number `index`; one that does not exist is an exit `no_branch_matched`."""

    index: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Stay here until then; a moment that has passed already counts as `Next`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Stay here until the contact's next event of this type, or until then.

    The step is asked again when either comes: `run.woken_by` holds the event, or None.
    """

    event: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave the journey; the reason is a short code or the owner's own words."""

    reason: str


Outcome = Next | Branch | WaitUntil | WaitFor | Exit
