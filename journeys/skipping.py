"""Letting one person go on before their wait is over."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from journeys.models import Enrolment
from journeys.pointers import Pointer, visit_of, write
from journeys.programs import programs
from tenants import agenda
from tenants.models import Agenda


def can_skip(run: Enrolment) -> bool:
    """Whether the run stands at a wait with one way on; which branch to take is nobody's guess."""
    step = programs([run.version_id])[run.version_id].steps.get(run.step_id)
    if run.status != Enrolment.Status.ACTIVE or step is None or step.plugin is None:
        return False
    return step.plugin.family == "wait" and not step.branches


def skip_wait(*, enrolment_id: UUID, now: datetime) -> bool:
    """Move the run on to the step after its wait, or to the end; False when it does not wait."""
    with transaction.atomic():
        run = Enrolment.objects.select_for_update().filter(pk=enrolment_id).first()
        if run is None or not can_skip(run):
            return False
        program = programs([run.version_id])[run.version_id]
        pointer = Pointer(
            program,
            run.step_id,
            run.holdout,
            enrolment_id=run.pk,
            contact_id=run.contact_id,
            entered_step_at=run.entered_step_at,
            started_at=run.started_at,
            visit=run.visit,
        )
        visits = [visit_of(pointer, "next", _("The wait was skipped by a colleague."))]
        following = program.steps[run.step_id].next
        if following is None:
            pointer.end(Enrolment.Status.FINISHED, "", now)
        else:
            pointer.enter(following, now)
        with connection.cursor() as cursor:
            write(cursor, pointers=[pointer], visits=visits, now=now)
        if following is not None:
            agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)
    return True
