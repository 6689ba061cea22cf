"""The ways in that events open: the newest events of the kind, and whether each let them in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.explaining import Asked, Finding
from events.contracts import event_types
from events.models import Event
from journeys.contracts import Check, entries
from journeys.definition import EntryNode
from journeys.explain.attempts import Attempt, Trial, Verdict
from journeys.explain.facts import Facts, Version, event_type_of
from journeys.models import Enrolment


@dataclass(frozen=True)
class Tried:
    """An event at a way in, before its audience was asked."""

    event: Event
    node: EntryNode | None
    trial: Trial
    checks: Sequence[Check]

    @property
    def question(self) -> Asked | None:
        """For whom the way in is, as of then; None where that does not come into it."""
        node, is_through = self.node, all(check.passed for check in self.checks)
        if node is None or not node.only or not is_through:
            return None
        return Asked(node.only, self.trial.facts.scope(self.trial.moment))


def tries_of(facts: Facts, position: int, node: EntryNode) -> list[Tried]:
    """The contact's newest events of the kind this way in waits for, newest first."""
    type = event_type_of(node)
    return [_tried(facts, position, node, event) for event in facts.events.get(type, ())]


def _tried(facts: Facts, position: int, node: EntryNode, event: Event) -> Tried:
    """The event at the way in as it was when the event was looked at."""
    version = facts.version_at(event.received_at)
    then = way_then(version, position, node) if version else node
    entry = entries.get(node.kind)
    config = (then or node).config
    key = entry.key_of(config, event)[:128]
    trial = Trial(
        facts=facts,
        moment=event.received_at,
        key=key,
        kind=node.kind,
        settings=version.definition.settings if version else {},
        run=_run_of(facts, event, node.kind, key),
    )
    return Tried(event, then, trial, entry.checks(config, event) if then else ())


def way_then(version: Version, position: int, node: EntryNode) -> EntryNode | None:
    """The same way in of that version: the same kind waiting for the same; None if it had none."""
    type = event_type_of(node)
    ways = list(enumerate(version.definition.entries))
    same = [
        (place, each)
        for place, each in ways
        if each.kind == node.kind and event_type_of(each) == type
    ]
    return min(same, key=lambda way: abs(way[0] - position))[1] if same else None


def _run_of(facts: Facts, event: Event, kind: str, key: str) -> Enrolment | None:
    """The run that this event began."""
    for run in facts.runs:
        is_same = (run.entry_kind, run.key, run.context) == (kind, key, event.data)
        if is_same and _began_with(run, event):
            return run
    return None


def _began_with(run: Enrolment, event: Event) -> bool:
    """Whether the run began when the event happened; one from the future begins at once."""
    if event.occurred_at <= event.received_at:
        return run.started_at == event.occurred_at
    return event.received_at <= run.started_at <= event.occurred_at


def judged(tried: Tried, audience: Finding | None) -> Attempt:
    """What became of the event, the first reason that stood against it before all others."""
    verdict = _verdict(tried, audience)
    return Attempt(
        at=tried.event.occurred_at,
        code=verdict.code,
        words=verdict.words,
        what=what_happened(tried.event),
        checks=tried.checks,
        audience=audience,
        run=tried.trial.run,
    )


def _verdict(tried: Tried, audience: Finding | None) -> Verdict:
    trial = tried.trial
    return (
        trial.of_run()
        or _of_state(tried.event)
        or trial.of_running()
        or _of_way(tried)
        or _of_checks(tried.checks)
        or _of_audience(audience)
        or trial.of_rules()
        or _changed_since(audience)
    )


def _of_state(event: Event) -> Verdict | None:
    if event.state == Event.State.PENDING:
        return Verdict("waiting", _("This was not looked at yet."))
    if event.state == Event.State.FAILED:
        words = _("This could not be processed: %(error)s") % {"error": event.error}
        return Verdict("event_failed", words)
    return None


def _of_way(tried: Tried) -> Verdict | None:
    if tried.node is not None:
        return None
    version = tried.trial.facts.version_at(tried.trial.moment)
    words = _("Version %(number)s, which ran then, did not start with this.")
    return Verdict("no_such_way", words % {"number": version.number if version else 0})


def _of_checks(checks: Sequence[Check]) -> Verdict | None:
    failed = [check for check in checks if not check.passed]
    if not failed:
        return None
    wanted = "; ".join(_check_words(check) for check in failed)
    return Verdict("filtered", _("It did not pass: %(wanted)s.") % {"wanted": wanted})


def _check_words(check: Check) -> str:
    if not check.detail:
        return _("wanted is that %(label)s") % {"label": check.label}
    words = {"label": check.label, "detail": check.detail}
    return _("wanted is that %(label)s, and %(detail)s") % words


def _of_audience(audience: Finding | None) -> Verdict | None:
    if audience is None or audience.holds:
        return None
    return Verdict("not_in_audience", _("They are not among those this way in is for."))


def _changed_since(audience: Finding | None) -> Verdict:
    if audience:
        words = _("They are among those this way in is for by now, and were not when it happened.")
    else:
        words = _("By what is known now this lets people in; when it happened it did not.")
    return Verdict("changed_since", words)


def what_happened(event: Event) -> str:
    """The event in a few words, as the timeline tells it."""
    if event.type not in event_types:
        return event.type
    kind = event_types.get(event.type)
    try:
        detail = kind.describe(event.data) if kind.describe else ""
    except (KeyError, TypeError, ValueError):
        detail = ""
    return detail or str(kind.label)
