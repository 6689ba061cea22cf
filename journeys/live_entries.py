"""The entries of live versions, and from when time-born ones count."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import F

from journeys.contracts import Config, TimedEntry, entries
from journeys.definition import Definition
from journeys.models import Journey, JourneyVersion, LiveEntry
from tenants import agenda
from tenants.models import Agenda

# Where an entry that includes those who already are there begins to look.
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
MARKS = ("runs_from", "ran_until", "ran_past")


def rewrite_entries(
    journey: Journey, version: JourneyVersion, definition: Definition, *, now: datetime
) -> None:
    """Replace the journey's live entries; time-born ones that stay as they are keep their marks."""
    known = [
        (row.kind, row.config, {name: getattr(row, name) for name in MARKS})
        for row in LiveEntry.objects.filter(journey=journey)
    ]
    LiveEntry.objects.filter(journey=journey).delete()
    LiveEntry.objects.bulk_create(
        LiveEntry(
            journey=journey,
            version=version,
            position=position,
            kind=entry.kind,
            event_type=entries.get(entry.kind).event_type(entry.config),
            config=entry.config,
            only=entry.only,
            **_marks(entry.kind, entry.config, known, now),
        )
        for position, entry in enumerate(definition.entries)
    )
    _wake(journey, now)


def _marks(
    kind: str, config: Config, known: Iterable[tuple[str, Config, Config]], now: datetime
) -> dict[str, Any]:
    """From when a time-born entry counts: from now on, unless it was live already."""
    entry = entries.get(kind)
    if not isinstance(entry, TimedEntry) or entry.event_type(config):
        return {}
    fresh = {"runs_from": now, "ran_until": BEGINNING if config.get("backlog") else now}
    kept = (marks for name, settings, marks in known if (name, settings) == (kind, config))
    return {**next(kept, fresh), "due_at": now}


def skip_pause(journey: Journey, *, now: datetime) -> None:
    """Whose moment came while the journey was paused stays out; a backlog goes on."""
    timed = LiveEntry.objects.filter(journey=journey, ran_until__isnull=False)
    timed.filter(ran_until__gte=F("runs_from")).update(runs_from=now, ran_until=now, ran_past="")
    timed.update(due_at=now)
    _wake(journey, now)


def _wake(journey: Journey, now: datetime) -> None:
    if LiveEntry.objects.filter(journey=journey, due_at__isnull=False).exists():
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)
