"""When a journey ran, and when it stood still: what tells later why somebody did not come in."""

from datetime import datetime

from journeys.models import Journey, LivePeriod


def begin_live(journey: Journey, *, now: datetime) -> None:
    """The journey runs from now on; one that does already goes on."""
    LivePeriod.objects.bulk_create(
        [LivePeriod(journey=journey, began_at=now)], ignore_conflicts=True
    )


def end_live(journey: Journey, *, now: datetime) -> None:
    """The journey stands still from now on."""
    LivePeriod.objects.filter(journey=journey, ended_at=None).update(ended_at=now)
