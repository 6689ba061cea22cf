"""Letting in those whose moment has come: one statement per time-born entry and slice.

Each entry has a mark up to which everybody was looked at. A slice takes the next ones in the order
of their moments and moves the mark; a late run has a longer way to go and comes to the same. Late
news moves the mark back, and a run that was begun for the same moment bars another one. Where a
moment can change its place, those who slipped behind the mark without a run are let in late.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Min

from contacts.contracts import ConditionScope
from events.isolation import in_words, is_transient
from events.models import Event
from journeys.chance import fraction_sql
from journeys.contracts import TimedEntry, entries
from journeys.enrolment import ENROLMENTS, LOOP_WINDOW, enrol_statement
from journeys.live_entries import BEGINNING
from journeys.local_time import zone_named
from journeys.models import Journey, LiveEntry
from journeys.moments import Scope
from journeys.programs import Program, programs
from journeys.rules import holdout_share, re_entry_floor, watch_period
from journeys.trees import narrowed
from tenants import agenda
from tenants.context import current_schema, current_workspace
from tenants.models import Agenda

log = logging.getLogger(__name__)

SLICE = 5000
# When an entry that failed is looked at again.
BACK_OFF = timedelta(minutes=10)
INSTANT = timedelta(microseconds=1)
NO_TIME = timedelta(0)

# A random id whose first 48 bits are the milliseconds: core.ids.uuid7 for whole sets.
UUID7 = """
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid"""

LET_IN = (
    """
    WITH slice AS MATERIALIZED (
        SELECT due.contact_id, left(due.key, 128) AS key, due.context, due.started_at AS moment,
               place.name AS place, NOT place.is_ahead AS is_late
          FROM ({select}) AS due (contact_id, key, started_at, context)
         CROSS JOIN LATERAL (SELECT place.name, (due.started_at, place.name)
                                    > (%(run_mark)s::timestamptz, %(run_past)s) AS is_ahead
           FROM (SELECT due.contact_id || ':' || left(due.key, 128) COLLATE "C") AS place (name)
         ) AS place
         WHERE due.started_at > %(since)s AND due.started_at <= %(now)s
           AND (place.is_ahead OR (due.started_at > %(begins)s AND NOT EXISTS (
                SELECT 1 FROM """
    + f"{ENROLMENTS}"
    + """ AS old WHERE old.contact_id = due.contact_id
                   AND old.journey_id = %(journey)s AND old.key = left(due.key, 128))))
         ORDER BY place.is_ahead, due.started_at, place.name LIMIT %(run_limit)s
    ), let_in AS ("""
    + enrol_statement(f"""
        (SELECT {UUID7} AS id, %(journey)s::uuid AS journey_id, %(run_version)s::uuid AS version_id,
                slice.contact_id, slice.key, %(run_kind)s::text AS entry_kind, slice.context,
                chance.held AS holdout, %(run_first)s::text AS step_id, start.at AS started_at,
                CASE WHEN chance.held THEN start.at + %(run_watch)s::interval
                     ELSE %(now)s::timestamptz END AS due_at,
                CASE WHEN slice.moment <= %(run_from)s THEN '-infinity'
                     ELSE LEAST(%(run_floor)s::timestamptz, start.at) END AS floor
           FROM slice
          CROSS JOIN LATERAL (SELECT GREATEST(
                slice.moment, %(run_from)s,
                CASE WHEN is_late THEN %(run_mark)s::timestamptz END) AS at) AS start
          CROSS JOIN LATERAL (
            SELECT %(run_share)s::float8 > 0
               AND {fraction_sql("'holdout'", "%(journey)s::uuid", "slice.contact_id")}
                   < %(run_share)s::float8 AS held) AS chance) AS new""")
    + """)
    SELECT (SELECT count(*) FROM let_in WHERE status = 'active'), count(*),
           (array_agg(moment ORDER BY moment DESC, place DESC) FILTER (WHERE NOT is_late))[1],
           (array_agg(place ORDER BY moment DESC, place DESC) FILTER (WHERE NOT is_late))[1]
      FROM slice"""
)

HEAR = f"""
    UPDATE {LiveEntry._meta.db_table} AS entry
       SET due_at = LEAST(entry.due_at, heard.moment),
           ran_past = CASE WHEN entry.ran_until >= heard.moment
                                AND entry.ran_until > entry.runs_from
                           THEN '' ELSE entry.ran_past END,
           ran_until = LEAST(entry.ran_until,
                             GREATEST(heard.moment - interval '1 microsecond', entry.runs_from))
      FROM unnest(%s::bigint[], %s::timestamptz[]) AS heard (id, moment)
     WHERE entry.id = heard.id AND entry.ran_until IS NOT NULL
       AND (entry.due_at IS NULL OR entry.due_at > heard.moment OR entry.ran_until >= heard.moment)
    RETURNING entry.due_at"""


@dataclass(frozen=True)
class LetIn:
    """What one look came to: how many runs began, and how many people were looked at."""

    started: int = 0
    seen: int = 0


def let_in_due(*, now: datetime, limit: int = SLICE) -> LetIn | None:
    """Look at the live entry that is longest due, up to `limit` people; None when none is."""
    if not _due(now).exists():
        return None
    with transaction.atomic():
        hold_off(exclusive=True)
        entry = (
            _due(now)
            .select_for_update(skip_locked=True, no_key=True, of=("self", "journey"))
            .select_related("journey")
            .order_by("due_at")
            .first()
        )
        return _look(entry, now, limit) if entry else None


def next_look() -> datetime | None:
    """When the next time-born entry of the current workspace is due; None when none is."""
    live = LiveEntry.objects.filter(due_at__isnull=False, journey__status=Journey.Status.LIVE)
    found: datetime | None = live.aggregate(at=Min("due_at"))["at"]
    return found


def _due(now: datetime) -> Any:
    return LiveEntry.objects.filter(due_at__lte=now, journey__status=Journey.Status.LIVE)


def hold_off(*, exclusive: bool) -> None:
    """Until commit, keep looks (exclusive) and batches of events (shared) apart.

    Else an exit's event could miss the run that is being let in beside it.
    """
    lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {lock}(hashtext('journeys.timed'), hashtext(%s))",
            [current_schema("A time-born entry")],
        )


def _look(entry: LiveEntry, now: datetime, limit: int) -> LetIn:
    """One slice; an entry that cannot be looked at is put off and keeps nobody waiting."""
    try:
        with transaction.atomic():
            found = _take_slice(entry, now, limit)
            entry.error = ""
    except Exception as error:
        if is_transient(error):
            raise
        log.warning("entry_failed entry=%s", entry.pk, exc_info=error)
        entry.refresh_from_db()
        entry.due_at, entry.error = now + BACK_OFF, in_words(error)[:300]
        found = LetIn()
    entry.save(update_fields=["due_at", "ran_until", "ran_past", "error"])
    return found


def _take_slice(entry: LiveEntry, now: datetime, limit: int) -> LetIn:
    plugin = entries.get(entry.kind)
    if not isinstance(plugin, TimedEntry) or entry.ran_until is None:
        entry.due_at = None
        return LetIn()
    mark = entry.ran_until
    # In the middle of a moment the rest of it is asked for again.
    since = mark - plugin.looks_back - (INSTANT if entry.ran_past else NO_TIME)
    zone = zone_named(current_workspace("An entry").timezone) or ZoneInfo("UTC")
    begins = BEGINNING if entry.config.get("backlog") else entry.runs_from or mark
    scope = Scope(since, now, begins, entry.journey_id, zone)
    select, parameters = plugin.select(entry.config, scope)
    select, only = narrowed(select, entry.only, ConditionScope(now, zone, entry.journey_id))
    program = programs([entry.version_id])[entry.version_id]
    with connection.cursor() as cursor:
        cursor.execute(
            LET_IN.replace("{select}", select),
            parameters
            | only
            | scope.parameters
            | _parameters(entry, program, now)
            | {"run_limit": limit},
        )
        started, seen, moment, place = cursor.fetchone()
    if seen == limit and (moment or started):
        entry.ran_until, entry.ran_past = moment or mark, place or entry.ran_past
    else:
        entry.ran_until, entry.ran_past = max(mark, now), ""
        due_at = plugin.next_due(entry.config, scope)
        entry.due_at = max(due_at, now + INSTANT) if due_at else None
    return LetIn(started, seen)


def _parameters(entry: LiveEntry, program: Program, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "loop_window": now - LOOP_WINDOW,
        "run_mark": entry.ran_until,
        # After everybody at the mark, unless a slice ended in their midst.
        "run_past": entry.ran_past or "~",
        "run_from": entry.runs_from,
        "run_version": program.version_id,
        "run_kind": entry.kind,
        "run_first": program.first,
        "run_floor": re_entry_floor(program.settings, now),
        "run_share": holdout_share(program.settings),
        "run_watch": watch_period(program.goal),
    }


def hear(events: Sequence[Event], now: datetime) -> None:
    """Bring the next look forward to the moments that these events bring."""
    types = {event.type for event in events}
    hearing = {
        each.key: each for each in entries if isinstance(each, TimedEntry) and each.hears & types
    }
    if not hearing:
        return
    live = LiveEntry.objects.filter(kind__in=hearing, journey__status=Journey.Status.LIVE)
    moments: dict[int, datetime] = {}
    for pk, kind, config in live.values_list("pk", "kind", "config"):
        found = [_moment(hearing[kind], config, event) for event in events]
        if known := [moment for moment in found if moment]:
            moments[pk] = min(known)
    if moments:
        _bring_forward(moments, now)


def _moment(entry: TimedEntry, config: dict[str, Any], event: Event) -> datetime | None:
    return entry.heard(config, event) if event.type in entry.hears else None


def _bring_forward(moments: Mapping[int, datetime], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HEAR, [list(moments), list(moments.values())])
        dues = [row[0] for row in cursor.fetchall()]
    if dues:
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=min(dues), now=now)
