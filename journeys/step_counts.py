"""How many people came through each step of a journey, and how many are there now."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q

from journeys.models import Enrolment, StepVisit

Status = Enrolment.Status
INSIDE = Q(status__in=[Status.ACTIVE, Status.HELD])


@dataclass
class StepCount:
    """One step: who stands there, and who went on, by outcome (`next`, `branch:0`, `exit:…`)."""

    here: int = 0
    left: dict[str, int] = field(default_factory=dict)

    @property
    def entered(self) -> int:
        """Visits begun: each person counts as often as they came."""
        return self.here + sum(self.left.values())


def journey_counts(journey_id: UUID) -> dict[str, int]:
    """Runs by what became of them, people held out not among them."""
    return Enrolment.objects.filter(journey_id=journey_id, holdout=False).aggregate(
        started=Count("pk"),
        in_progress=Count("pk", filter=INSIDE),
        exited_early=Count("pk", filter=Q(status=Status.EXITED)),
        completed=Count("pk", filter=Q(status=Status.FINISHED)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        converted=Count("pk", filter=Q(converted_at__isnull=False)),
    )


def step_counts(journey_id: UUID) -> dict[str, StepCount]:
    """The counts of every step anybody has reached, by step id, over all versions."""
    found: dict[str, StepCount] = {}
    standing = Enrolment.objects.filter(INSIDE, journey_id=journey_id, holdout=False)
    for step_id, number in standing.values_list("step_id").annotate(Count("pk")):
        found.setdefault(step_id, StepCount()).here = number
    visits = StepVisit.objects.filter(journey_id=journey_id)
    for step_id, outcome, number in visits.values_list("step_id", "outcome").annotate(Count("pk")):
        found.setdefault(step_id, StepCount()).left[outcome] = number
    return found
