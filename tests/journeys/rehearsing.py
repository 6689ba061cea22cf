"""Rehearsals in a few words, and a picture of every row there is."""

from datetime import timedelta
from typing import Any

from django.db import connection

from events.models import Event
from journeys.definition import parse
from journeys.rehearsal import Rehearsed, prepare, rehearse

YEAR = timedelta(days=365)


def happened(contact: Any, type: str, at: Any, **data: Any) -> Event:
    """A processed event of the log."""
    return Event.objects.create(
        source="test",
        message_id=f"{type}:{at.isoformat()}:{Event.objects.count()}",
        type=type,
        contact_id=contact.pk,
        data=data,
        occurred_at=at,
        received_at=at,
        state=Event.State.DONE,
    )


def rehearsed(journey: Any, contact: Any, begins: Any, **more: Any) -> Rehearsed:
    """The journey's draft, rehearsed for a year."""
    script = prepare(journey=journey, definition=parse(journey.draft))
    more.setdefault("until", begins + YEAR)
    return rehearse(script=script, contact_id=contact.pk, begins=begins, **more)


def path(run: Any) -> list[tuple[str, str]]:
    """(step, outcome) of every step left, in order."""
    return [(visit.step_id, visit.outcome) for visit in run.visits]


def every_row() -> dict[str, tuple[int, str]]:
    """How many rows each table of this workspace and of all has, and a hash of what is in them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname IN ('public', current_schema()) ORDER BY 1, 2"
        )
        tables = cursor.fetchall()
        found = {}
        for schema, table in tables:
            cursor.execute(
                "SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))),"
                f' \'\') FROM "{schema}"."{table}" AS t'
            )
            found[f"{schema}.{table}"] = cursor.fetchone()
    return found
