"""Which stays at a step ask."""

from journeys.contracts import Run, StepBatch
from surveys.services.asking import Visit


def visits_of(batch: StepBatch) -> list[tuple[Run, Visit]]:
    """Each run with the visit it makes."""
    return [(run, _visit(batch, run)) for run in batch.runs]


def _visit(batch: StepBatch, run: Run) -> Visit:
    return Visit(
        contact_id=run.contact_id,
        enrolment_id=run.enrolment_id,
        journey_id=batch.journey_id,
        step_id=batch.step_id,
        visit=run.visit,
    )
