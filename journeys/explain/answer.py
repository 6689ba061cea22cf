"""The whole answer: the ways in, the runs, the messages, and a sentence above them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.explaining import Asked, Finding, explain
from contacts.models import Contact
from contacts.naming import names_read_once
from events.contracts import event_types
from journeys.contracts import Sending, entries, sending_sources
from journeys.definition import EntryNode, StepNode, find_step
from journeys.explain import by_events, by_time
from journeys.explain.attempts import Attempt
from journeys.explain.by_events import Tried, tries_of
from journeys.explain.by_time import Moment, moments_of
from journeys.explain.facts import RUNS_TOLD, Facts, event_type_of, facts_of, is_timed
from journeys.explain.mails import MailAnswer, answers_of, message_steps, title_of
from journeys.explain.stays import Titles, ToldRun, decided, titles_of, told_runs
from journeys.models import Journey
from journeys.tree import entry_words

Opening = Literal["event", "time", "people"]


class UnknownStep(LookupError):
    """No version that concerns this person has a step of that id."""


@dataclass(frozen=True)
class WayIn:
    """One entry of what runs, and each time this person could have come in by it, newest first.

    `note` is a sentence that stands for them where there are none.
    """

    position: int
    kind: str
    words: str
    icon: str
    opened_by: Opening
    attempts: Sequence[Attempt]
    note: str = ""


@dataclass(frozen=True)
class Why:
    """Why this person got what they got of this journey."""

    facts: Facts
    ways: Sequence[WayIn]
    runs: Sequence[ToldRun]
    # Of each of these runs, in the same order, what became of every message.
    mails: Sequence[Sequence[MailAnswer]]
    # The step asked about, with its title; None for the whole journey.
    step: StepNode | None = None
    step_title: str = ""

    @property
    def older_runs(self) -> int:
        """How many runs are not told."""
        return len(self.facts.runs) - len(self.runs)

    @property
    def newest_attempt(self) -> Attempt | None:
        """The last time they could have come in."""
        past = [each for way in self.ways for each in way.attempts if each.at <= self.facts.now]
        return max(past, key=lambda each: each.at, default=None)


def why(*, journey: Journey, contact: Contact, now: datetime, step_id: str = "") -> Why:
    """Everything about one contact and one journey, or one step of it; raises UnknownStep.

    It reads in a bounded number of statements and writes nothing.
    """
    with names_read_once():
        facts = facts_of(journey=journey, contact=contact, now=now)
        shown = facts.runs[:RUNS_TOLD]
        titles = titles_of(facts, shown)
        told = told_runs(facts, shown, _sendings(facts), titles)
        step = _step(facts, told, step_id) if step_id else None
        ways, told = _asked(facts, told)
        mails = [_mails(facts, each, step, titles) for each in told]
        title = title_of(facts, next(iter(told), None), step, titles) if step else ""
        return Why(facts, ways, told, mails, step, title)


def _sendings(facts: Facts) -> list[Sending]:
    asked = (facts.contact.pk, facts.journey.pk, facts.now)
    return [each for source in sending_sources for each in source.sendings(*asked)]


def _step(facts: Facts, told: Sequence[ToldRun], step_id: str) -> StepNode:
    """The step as it runs, or as it was for those on an earlier version."""
    found = [find_step(facts.definition, step_id), *(each.node(step_id) for each in told)]
    step = next((node for node in found if node), None)
    if step is None:
        raise UnknownStep(step_id)
    return step


def _mails(facts: Facts, told: ToldRun, step: StepNode | None, titles: Titles) -> list[MailAnswer]:
    """What became of each message in the run, or of the step asked about."""
    version = told.version.definition if told.version else facts.definition
    return answers_of(facts, told, [step] if step else message_steps(version), titles)


# --- what conditions say, of all at once


def _asked(facts: Facts, told: Sequence[ToldRun]) -> tuple[list[WayIn], list[ToldRun]]:
    """The ways in and the runs with the answers to all their conditions, by one statement."""
    doors = [_doors(facts, place, node) for place, node in enumerate(facts.definition.entries)]
    stays = [(each, stay) for each in told for stay in each.stays if stay.question]
    asked = [door.question for each in doors for door in each]
    answers = iter(_answers(facts, [*asked, *(stay.question for _told, stay in stays)]))
    attempts = [[_judged(door, next(answers)) for door in each] for each in doors]
    ways = [
        _way(facts, place, node, attempts[place])
        for place, node in enumerate(facts.definition.entries)
    ]
    found: dict[UUID, dict[int, Finding]] = {each.run.pk: {} for each in told}
    for each, stay in stays:
        if answer := next(answers):
            found[each.run.pk][stay.visit] = answer
    return ways, [decided(facts, each, found[each.run.pk]) for each in told]


def _doors(facts: Facts, place: int, node: EntryNode) -> list[Tried | Moment]:
    """Each time they stood at this way in, newest first."""
    return [*tries_of(facts, place, node), *moments_of(facts, place, node)]


def _judged(door: Tried | Moment, audience: Finding | None) -> Attempt:
    if isinstance(door, Moment):
        return by_time.judged(door, audience)
    return by_events.judged(door, audience)


def _answers(facts: Facts, questions: Sequence[Asked | None]) -> list[Finding | None]:
    real = [each for each in questions if each]
    answers = iter(explain(real, facts.contact.pk) if real else ())
    return [next(answers) if each else None for each in questions]


# --- ways in


def _way(facts: Facts, place: int, node: EntryNode, attempts: Sequence[Attempt]) -> WayIn:
    entry = entries.get(node.kind) if node.kind in entries else None
    opened_by = _opened_by(node)
    return WayIn(
        position=place,
        kind=node.kind,
        words=entry_words(facts.definition)[place],
        icon=entry.icon if entry else "circle-question-mark",
        opened_by=opened_by,
        attempts=attempts,
        note="" if attempts else _note(node, opened_by),
    )


def _opened_by(node: EntryNode) -> Opening:
    if event_type_of(node):
        return "event"
    return "time" if is_timed(node) else "people"


def _note(node: EntryNode, opened_by: Opening) -> str:
    if opened_by == "time":
        words = {"back": by_time.BACK.days, "ahead": by_time.AHEAD.days}
        return _("No moment in the last %(back)s days, and none in the next %(ahead)s.") % words
    if opened_by == "people":
        return _("Somebody of the team or the API lets people in; nothing happens by itself.")
    type = event_type_of(node)
    name = str(event_types.get(type).label) if type in event_types else type
    return _("“%(event)s” never happened with them.") % {"event": name}
