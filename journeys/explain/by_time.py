"""The ways in that time opens: a person's moments, and whether each let them in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from contacts.explaining import Asked, Finding
from journeys.contracts import Config, TimedEntry, entries
from journeys.definition import EntryNode
from journeys.explain.attempts import Attempt, Trial, Verdict
from journeys.explain.facts import Facts, is_timed
from journeys.live_entries import BEGINNING
from journeys.models import LiveEntry
from journeys.moments import Scope

# How far a person's moments are looked for, back and ahead.
BACK, AHEAD = timedelta(days=90), timedelta(days=30)
MOST_MOMENTS = 10
OF_ONE = """
    SELECT left(due.key, 128), due.started_at
      FROM ({select}) AS due (contact_id, key, started_at, context)
     WHERE due.contact_id = %(one_contact)s
     ORDER BY due.started_at DESC, due.key LIMIT %(most_moments)s"""


@dataclass(frozen=True)
class Moment:
    """When time opened, or will open, a way in for the contact, and the run's key."""

    at: datetime
    key: str
    node: EntryNode
    trial: Trial
    live: LiveEntry | None

    @property
    def question(self) -> Asked | None:
        """For whom the way in is; of a moment to come as things stand now."""
        if not self.node.only:
            return None
        facts = self.trial.facts
        return Asked(self.node.only, facts.scope(min(self.at, facts.now)))


def timed_entry(node: EntryNode) -> TimedEntry | None:
    """The time-born entry of that kind; None for any other."""
    entry = entries.get(node.kind) if is_timed(node) else None
    return entry if isinstance(entry, TimedEntry) else None


def moments_of(facts: Facts, position: int, node: EntryNode) -> list[Moment]:
    """The contact's moments of the past 90 days and the next 30, newest first; one statement."""
    entry = timed_entry(node)
    if entry is None:
        return []
    live = facts.live_entries.get(position)
    begins = live.runs_from if live and live.runs_from else facts.now
    scope = Scope(
        since=facts.now - BACK,
        now=facts.now + AHEAD,
        begins=BEGINNING if node.config.get("backlog") else begins,
        journey_id=facts.journey.pk,
        timezone=facts.timezone,
    )
    rows = _rows(entry, node.config, scope, facts.contact.pk)
    return [_moment(facts, at, key, node, live) for key, at in rows]


def _rows(
    entry: TimedEntry, config: Config, scope: Scope, contact_id: UUID
) -> list[tuple[str, datetime]]:
    select, parameters = entry.select(config, scope)
    with connection.cursor() as cursor:
        cursor.execute(
            OF_ONE.replace("{select}", select),
            parameters
            | scope.parameters
            | {"one_contact": contact_id, "most_moments": MOST_MOMENTS},
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _moment(
    facts: Facts, at: datetime, key: str, node: EntryNode, live: LiveEntry | None
) -> Moment:
    version = facts.version_at(at)
    run = next((run for run in facts.runs if (run.entry_kind, run.key) == (node.kind, key)), None)
    trial = Trial(
        facts=facts,
        moment=at,
        key=key,
        kind=node.kind,
        settings=version.definition.settings if version else {},
        run=run,
    )
    return Moment(at, key, node, trial, live)


def judged(moment: Moment, audience: Finding | None) -> Attempt:
    """What became of the moment, or what would if it were now."""
    verdict = _verdict(moment, audience)
    return Attempt(
        at=moment.at,
        code=verdict.code,
        words=verdict.words,
        what=_("Their moment"),
        audience=audience,
        run=moment.trial.run,
    )


def _verdict(moment: Moment, audience: Finding | None) -> Verdict:
    trial, facts = moment.trial, moment.trial.facts
    if verdict := trial.of_run():
        return verdict
    if moment.at > facts.now:
        return _to_come(moment, audience)
    return (
        _of_beginning(moment)
        or trial.of_running()
        or _of_looking(moment)
        or _of_audience(audience)
        or trial.of_rules()
        or Verdict(
            "changed_since",
            _("By what is known now this lets people in; when it was their moment it did not."),
        )
    )


def _to_come(moment: Moment, audience: Finding | None) -> Verdict:
    words = {"time": moment.trial.facts.said(moment.at)}
    if audience is not None and not audience.holds:
        text = _(
            "Their moment comes on %(time)s; as things stand, they are not among those it is for."
        )
        return Verdict("to_come", text % words)
    return Verdict("to_come", _("Their moment comes on %(time)s.") % words)


def _of_beginning(moment: Moment) -> Verdict | None:
    """Moments before an entry began to count let nobody in, but for a backlog."""
    live = moment.live
    if live is None or live.runs_from is None or moment.node.config.get("backlog"):
        return None
    if moment.at > live.runs_from:
        return None
    words = {"began": moment.trial.facts.said(live.runs_from)}
    text = _("Moments count from %(began)s on, when the journey went live or was resumed.")
    return Verdict("not_live_yet", text % words)


def _of_looking(moment: Moment) -> Verdict | None:
    live, facts = moment.live, moment.trial.facts
    if live is None or live.ran_until is None or moment.at <= live.ran_until:
        return None
    if live.error:
        failed = _("Looking who comes in failed: %(error)s") % {"error": live.error}
        return Verdict("event_failed", failed)
    words = {"time": facts.said(live.due_at or facts.now)}
    return Verdict("waiting", _("It is looked who comes in at %(time)s.") % words)


def _of_audience(audience: Finding | None) -> Verdict | None:
    if audience is None or audience.holds:
        return None
    return Verdict("not_in_audience", _("They are not among those this way in is for."))
