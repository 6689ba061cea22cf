"""One walk: the rehearsal of one start, with somebody who does what was chosen for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from contacts.models import Contact
from journeys.rehearsal import Rehearsed, Script, rehearse
from journeys.walkthrough.choices import Chooser, Point
from journeys.walkthrough.people import Invented
from journeys.walkthrough.starts import Beginning

# However long the waits are, somebody is to see the end of it.
LONGEST = timedelta(days=3650)


@dataclass(frozen=True)
class Plan:
    """What is walked, by whom, from where, and what they do on the way."""

    script: Script
    contact: Contact
    beginning: Beginning
    invented: Invented | None = None
    chosen: Sequence[str] = ()
    pauses: bool = False
    heeds_guards: bool = True


@dataclass(frozen=True)
class Walked:
    """How it went, and the points at which they could have done something."""

    rehearsed: Rehearsed
    points: Sequence[Point]

    @property
    def is_waiting(self) -> bool:
        """Whether the walk stopped for a choice."""
        return any(point.is_open for point in self.points)


def walk_through(plan: Plan) -> Walked:
    """Walk it, without a trace; raises Retryable `busy`."""
    chooser = Chooser(plan.chosen, plan.pauses)
    moment = plan.beginning.moment

    def prelude() -> None:
        if plan.invented:
            plan.invented.appear(moment)
        plan.beginning.tell(plan.script, plan.contact.pk)

    rehearsed = rehearse(
        script=plan.script,
        contact_id=plan.contact.pk,
        begins=moment,
        until=moment + LONGEST,
        starts=[plan.beginning.start(plan.script, plan.contact.pk)],
        behave=chooser,
        draws=True,
        heeds_guards=plan.heeds_guards,
        prelude=prelude,
    )
    return Walked(rehearsed, chooser.points)
