"""Forgetting a person: their runs and visits, locked first so that no walk writes more of them."""

from contacts.contracts import Eraser, Erasure, erasers
from journeys.models import Enrolment, StepVisit


def erase_runs(erasure: Erasure) -> None:
    """Delete the person's runs and visits, in the transaction of the erasure."""
    runs = Enrolment.objects.filter(contact_id=erasure.contact_id)
    locked = list(runs.order_by("pk").select_for_update().values_list("pk", flat=True))
    StepVisit.objects.filter(enrolment__in=locked).delete()
    runs.filter(pk__in=locked).delete()


erasers.register(Eraser("journeys", erase_runs))
