"""Publishing at a set time: the draft as it is when the time is set is what goes live.

The journeys lane publishes when the time has come. What stands against it by then is kept in words
on the row, which asks for somebody; whoever publishes by hand, or archives, has dealt with it.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from core.errors import Invalid
from events.isolation import in_words, is_transient
from journeys.drafts import locked
from journeys.models import Journey, PlannedPublishing
from journeys.moving import Moving
from journeys.preview import check_moving
from journeys.services import Publisher, publish_journey, publishable
from tenants import agenda
from tenants.models import Agenda, User

log = logging.getLogger(__name__)

# Further ahead is a slip of the pen.
FURTHEST = timedelta(days=366)


def plan_publishing(
    *,
    journey: Journey,
    at: datetime,
    now: datetime,
    by: User | Publisher | None = None,
    moving: Moving | None = None,
    revision: int | None = None,
) -> PlannedPublishing:
    """Publish today's draft at a time to come; a plan there was is replaced.

    Raises Invalid `bad_time`, or what publishing would raise; then nothing changed.
    """
    if not now < at <= now + FURTHEST:
        raise Invalid("bad_time", _("Choose a time to come, within a year."))
    publisher = by if isinstance(by, Publisher) else Publisher.of(by)
    with transaction.atomic():
        row = locked(journey.pk, revision, reader=publisher.id, now=now)
        definition = publishable(row.draft)
        if moving:
            check_moving(row, definition, moving)
        plan, _created = PlannedPublishing.objects.update_or_create(
            journey=row,
            defaults={
                "at": at,
                "definition": row.draft,
                "moves": moving is not None,
                "mapping": dict(moving.mapping) if moving else {},
                "asks_again": bool(moving and moving.asks_again),
                "planned_at": now,
                "by_id": publisher.id,
                "by_name": publisher.name,
                "refusal": "",
            },
        )
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=at, now=now)
    return plan


def cancel_planned(*, journey: Journey) -> bool:
    """Do not publish at the set time; False when nothing was set."""
    deleted, _by_model = PlannedPublishing.objects.filter(journey=journey).delete()
    return bool(deleted)


def next_publishing() -> datetime | None:
    """When the next publishing is planned for; None when none is."""
    found: datetime | None = _waiting().aggregate(at=Min("at"))["at"]
    return found


def publish_due(*, now: datetime) -> bool:
    """Publish what was planned for longest ago, or keep why not; False when nothing is due."""
    due = _waiting().filter(at__lte=now).order_by("at").values_list("journey_id", flat=True)
    journey_id = due.first()
    if journey_id is None:
        return False
    with transaction.atomic():
        # The journey's row first, as whoever publishes by hand does.
        journey = Journey.objects.select_for_update().get(pk=journey_id)
        plan = _waiting().filter(journey=journey, at__lte=now).first()
        if plan is not None:
            _publish(journey, plan, now)
    return True


def _publish(journey: Journey, plan: PlannedPublishing, now: datetime) -> None:
    moving = Moving(plan.mapping, plan.asks_again) if plan.moves else None
    by = Publisher(plan.by_id, plan.by_name)
    try:
        with transaction.atomic():
            publish_journey(journey=journey, now=now, by=by, moving=moving, planned=plan)
    except Exception as error:
        if is_transient(error):
            raise
        log.warning("planned_publishing_refused journey=%s", journey.pk, exc_info=error)
        plan.refusal = in_words(error)[:300]
        plan.save(update_fields=["refusal"])


def _waiting() -> "QuerySet[PlannedPublishing]":
    return PlannedPublishing.objects.filter(refusal="")
