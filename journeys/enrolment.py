"""Letting people into journeys and taking them out: sets in, one statement each.

Whoever lets people in first locks the journeys' rows, so that re-entry rules hold and a pause
misses nobody: rules are looked at by a statement that sees everyone let in before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg.types.json import Jsonb

from contacts import segments
from contacts.models import Contact
from core.ids import uuid7
from journeys.chance import fraction
from journeys.models import Enrolment, Journey, LiveEntry, StepVisit
from journeys.programs import Program, programs
from journeys.rules import holdout_share, re_entry_floor, watch_period
from tenants import agenda
from tenants.models import Agenda

ENROLMENTS = Enrolment._meta.db_table

# More runs of one person through one journey within the window than people make: a loop of
# journeys that start each other. The run that is one too many is ended where it begins.
LOOP_RUNS = 25
LOOP_WINDOW = timedelta(hours=1)


def enrol_statement(source: str) -> str:
    """SQL that starts the runs of `source`, a FROM item named `new`, whom the rules allow.

    `new` has id, journey_id, version_id, contact_id, key, entry_kind, context, holdout, step_id,
    started_at, due_at and floor; a run with the same key begun at or after `floor` bars it.
    """
    return f"""
    INSERT INTO {ENROLMENTS} (id, journey_id, version_id, contact_id, key, entry_kind, context,
                              holdout, status, step_id, entered_step_at, visit, due_at, waits_for,
                              attempts, error, exit_reason, started_at, ended_at)
    SELECT new.id, new.journey_id, new.version_id, new.contact_id, new.key, new.entry_kind,
           new.context, new.holdout, CASE WHEN loops THEN 'exited' ELSE 'active' END, new.step_id,
           %(now)s, 1, CASE WHEN NOT loops THEN new.due_at END, '', 0, '',
           CASE WHEN loops THEN 'loop_guard' ELSE '' END, new.started_at,
           CASE WHEN loops THEN %(now)s::timestamptz END
      FROM {source}
      JOIN {Contact._meta.db_table} AS contact ON contact.id = new.contact_id
     CROSS JOIN LATERAL (
        SELECT COALESCE(bool_or(old.key = new.key AND old.started_at >= new.floor), false)
                   AS barred,
               count(*) FILTER (WHERE old.started_at > %(loop_window)s) >= {LOOP_RUNS} AS loops,
               COALESCE(bool_or(old.started_at > %(loop_window)s
                                AND old.exit_reason = 'loop_guard'), false) AS told
          FROM {ENROLMENTS} AS old
         WHERE old.contact_id = new.contact_id AND old.journey_id = new.journey_id
     ) AS earlier
     WHERE NOT barred AND NOT (loops AND told)
    ON CONFLICT (journey_id, contact_id, key) WHERE status IN ('active', 'held') DO NOTHING
    RETURNING id, status"""


ENROL = enrol_statement("""
    unnest(%(ids)s::uuid[], %(journeys)s::uuid[], %(versions)s::uuid[], %(contacts)s::uuid[],
           %(keys)s::text[], %(kinds)s::text[], %(contexts)s::jsonb[], %(holdouts)s::bool[],
           %(steps)s::text[], %(starts)s::timestamptz[], %(dues)s::timestamptz[],
           %(floors)s::timestamptz[])
        AS new (id, journey_id, version_id, contact_id, key, entry_kind, context, holdout, step_id,
                started_at, due_at, floor)""")

TAKE_OUT = """
    WITH gone AS (
        UPDATE {enrolments} SET status = 'exited', exit_reason = %s, ended_at = %s, due_at = NULL,
               waits_for = ''
         WHERE id IN ({chosen}) AND status IN ('active', 'held')
        RETURNING id, journey_id, version_id, step_id, visit, entered_step_at, holdout
    ), visited AS (
        INSERT INTO {visits} (enrolment_id, journey_id, version_id, step_id, visit, outcome,
                              reason, entered_at, left_at)
        SELECT id, journey_id, version_id, step_id, visit, %s, '', entered_step_at, %s
          FROM gone WHERE NOT holdout
    )
    SELECT count(*) FROM gone"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom an entry wants to let in."""

    program: Program
    contact_id: UUID
    started_at: datetime
    key: str = ""
    entry_kind: str = "manual"
    context: Mapping[str, Any] = field(default_factory=dict)
    # Which of the version's entries it is.
    position: int = 0

    @property
    def place(self) -> tuple[UUID, UUID, str]:
        """What only one run at a time may hold."""
        return self.program.journey_id, self.contact_id, self.key


def insert_runs(*, candidates: Sequence[Candidate], now: datetime) -> dict[UUID, Candidate]:
    """Start those whom the rules allow, in the caller's transaction; the new runs by id.

    The caller holds the rows of the journeys.
    """
    first = {candidate.place: candidate for candidate in reversed(candidates)}
    chosen = {uuid7(): each for each in reversed(first.values()) if each.program.first}
    if not chosen:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ENROL, _parameters(chosen, now))
        new = {row[0]: row[1] for row in cursor.fetchall()}
    started = {each: chosen[each] for each, status in new.items() if status == "active"}
    if started:
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)
    return started


def _parameters(chosen: Mapping[UUID, Candidate], now: datetime) -> dict[str, Any]:
    runs = list(chosen.values())
    holdouts = [_is_held_out(run) for run in runs]
    return {
        "now": now,
        "loop_window": now - LOOP_WINDOW,
        "ids": list(chosen),
        "journeys": [run.program.journey_id for run in runs],
        "versions": [run.program.version_id for run in runs],
        "contacts": [run.contact_id for run in runs],
        "keys": [run.key[:128] for run in runs],
        "kinds": [run.entry_kind for run in runs],
        "contexts": [Jsonb(dict(run.context)) for run in runs],
        "holdouts": holdouts,
        "steps": [run.program.first for run in runs],
        "starts": [run.started_at for run in runs],
        # Who is held out is looked at once more, when nothing they do can count any longer.
        "dues": [
            run.started_at + watch_period(run.program.goal) if held else now
            for run, held in zip(runs, holdouts, strict=True)
        ],
        "floors": [re_entry_floor(run.program.settings, now) for run in runs],
    }


def _is_held_out(run: Candidate) -> bool:
    share = holdout_share(run.program.settings)
    return share > 0 and fraction("holdout", run.program.journey_id, run.contact_id) < share


@dataclass(frozen=True)
class EnrolResult:
    """Whose runs started, by contact, and why others did not.

    Reasons: not_live, no_such_contact, not_in_audience, already_inside, entered_before,
    loop_guard.
    """

    enrolled: dict[UUID, UUID] = field(default_factory=dict)
    refused: dict[UUID, str] = field(default_factory=dict)


def enrol(
    *,
    journey: Journey,
    contact_ids: Collection[UUID],
    now: datetime,
    key: str = "",
    context: Mapping[str, Any] | None = None,
    entry_kind: str = "manual",
) -> EnrolResult:
    """Start the journey for these contacts by its live version, re-entry rules applied."""
    wanted = list(dict.fromkeys(contact_ids))
    with transaction.atomic():
        live = (
            Journey.objects.select_for_update(no_key=True)
            .filter(pk=journey.pk, status=Journey.Status.LIVE)
            .values_list("live_version_id", flat=True)
            .first()
        )
        if live is None:
            return EnrolResult(refused=dict.fromkeys(wanted, "not_live"))
        program = programs([live])[live]
        welcome = _welcome(journey.pk, wanted, entry_kind, now)
        runs = insert_runs(
            candidates=[
                Candidate(program, each, now, key, entry_kind, context or {})
                for each in wanted
                if each in welcome
            ],
            now=now,
        )
        enrolled = {run.contact_id: run_id for run_id, run in runs.items()}
        refused = [each for each in wanted if each not in enrolled]
        reasons = refusals(journey.pk, refused, key) if refused else {}
        for each in reasons.keys() - welcome:
            if reasons[each] != "no_such_contact":
                reasons[each] = "not_in_audience"
        return EnrolResult(enrolled, reasons)


def _welcome(
    journey_id: UUID, contact_ids: Sequence[UUID], entry_kind: str, now: datetime
) -> set[UUID]:
    """Those for whom a live entry of this kind is; all of them where none says for whom."""
    rows = LiveEntry.objects.filter(journey=journey_id, kind=entry_kind)
    trees = list(rows.values_list("only", flat=True))
    if not trees or not all(trees):
        return set(contact_ids)
    return segments.matching(
        contact_ids, {"any": trees}, segments.scope_at(now, journey_id=journey_id)
    )


def refusals(journey_id: UUID, contact_ids: Sequence[UUID], key: str) -> dict[UUID, str]:
    """Why each of these was not let in, from the runs they have."""
    known = set(Contact.objects.filter(pk__in=contact_ids).values_list("pk", flat=True))
    runs = Enrolment.objects.filter(contact_id__in=known, journey_id=journey_id)
    reasons = {
        each: "entered_before" if each in known else "no_such_contact" for each in contact_ids
    }
    for contact_id, status, exit_reason, run_key in runs.order_by("started_at").values_list(
        "contact_id", "status", "exit_reason", "key"
    ):
        if status in (Enrolment.Status.ACTIVE, Enrolment.Status.HELD) and run_key == key:
            reasons[contact_id] = "already_inside"
        elif exit_reason == "loop_guard":
            reasons[contact_id] = "loop_guard"
    return reasons


def remove(*, enrolment_ids: Collection[UUID], now: datetime, reason: str = "removed") -> int:
    """Take these runs out wherever they stand; how many were inside."""
    return take_out(Enrolment.objects.filter(pk__in=enrolment_ids), reason=reason, now=now)


def take_out(runs: "QuerySet[Enrolment]", *, reason: str, now: datetime) -> int:
    """End all of these runs that are inside, in one statement; how many were."""
    chosen, parameters = runs.order_by().values("pk").query.sql_with_params()
    statement = TAKE_OUT.format(
        enrolments=ENROLMENTS, visits=StepVisit._meta.db_table, chosen=chosen
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [reason, now, *parameters, f"exit:{reason}", now])
        return int(cursor.fetchone()[0])
