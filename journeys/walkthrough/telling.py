"""A walk in words: every step with its time, why it went that way, and what was sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.contracts import Hold, RehearsedMessage, steps
from journeys.definition import Definition, StepNode, walk
from journeys.path import outcome_words, reason_words
from journeys.refusals import refusal_words
from journeys.rehearsal import RehearsedRun, RehearsedVisit
from journeys.tree import ENTRY, entry_words, step_titles
from journeys.walkthrough.choices import Offer, Point
from journeys.walkthrough.walk import Walked

WRITTEN = "D j M Y, H:i"
Tone = Literal["", "ok", "warn", "bad"]


@dataclass(frozen=True)
class Remark:
    """One sentence under a step."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Letter:
    """A message under its step: what became of it; `number` names it in addresses."""

    number: int
    name: str
    remarks: Sequence[Remark]
    may_read: bool = False


@dataclass(frozen=True)
class Line:
    """One step of the list, numbered as in the picture; 0 for what is no step."""

    number: int
    at: datetime
    title: str
    remarks: Sequence[Remark] = ()
    letters: Sequence[Letter] = ()
    points: Sequence[Point] = ()
    icon: str = ""


@dataclass(frozen=True)
class Told:
    """A walk as its page shows it, in the contact's zone."""

    headline: str
    zone: ZoneInfo
    lines: Sequence[Line] = ()
    # Later runs of the same walk: somebody may come in again.
    further: Sequence[Sequence[Line]] = ()
    remarks: Sequence[Remark] = ()
    reached: Mapping[str, int] = field(default_factory=dict)
    lanes_taken: Mapping[str, int] = field(default_factory=dict)


def tell(walked: Walked, definition: Definition, *, name: str, zone: ZoneInfo) -> Told:
    """The walk of the first run with its numbers, and all others below."""
    teller = _Teller(walked, definition, zone)
    runs = walked.rehearsed.runs
    lines = [teller.run(run) for run in runs]
    return Told(
        headline=_headline(name, walked.rehearsed.messages),
        zone=zone,
        lines=lines[0] if lines else (),
        further=lines[1:],
        remarks=list(teller.remarks()),
        reached=_reached(runs[0]) if runs else {},
        lanes_taken=_lanes_taken(runs[0]) if runs else {},
    )


def _headline(name: str, messages: Sequence[RehearsedMessage]) -> str:
    count = sum(1 for each in messages if each.sent_at)
    words = ngettext("%(name)s would get %(n)s message", "%(name)s would get %(n)s messages", count)
    return words % {"name": name, "n": count}


def _reached(run: RehearsedRun) -> dict[str, int]:
    stays = [visit.step_id for visit in run.visits]
    stays += [run.step_id] if run.is_inside and not run.held_out else []
    return {ENTRY: 1, **{step_id: number for number, step_id in enumerate(stays, start=2)}}


def _lanes_taken(run: RehearsedRun) -> dict[str, int]:
    return {
        visit.step_id: int(visit.outcome.partition(":")[2])
        for visit in run.visits
        if visit.outcome.startswith("branch:")
    }


class _Teller:
    def __init__(self, walked: Walked, definition: Definition, zone: ZoneInfo) -> None:
        self.walked = walked
        self.definition = definition
        self.zone = zone
        self.nodes = {node.id: node for node, _place in walk(definition.steps)}
        self.titles = step_titles(self.nodes.values())
        self.numbers = {each.id: n for n, each in enumerate(walked.rehearsed.messages)}

    def remarks(self) -> Iterator[Remark]:
        """What is to be said of the walk as a whole."""
        for each in self.walked.rehearsed.not_let_in:
            words = {"reason": refusal_words(each.reason)}
            if each.reason == "not_in_audience" and self.walked.rehearsed.runs:
                text = _("In life not let in: %(reason)s. The walk lets them in all the same.")
            else:
                text = _("Not let in: %(reason)s.")
            yield Remark(text % words, "warn")
        for run in self.walked.rehearsed.runs:
            if run.held_out:
                yield Remark(_("Held out to compare: this person gets nothing."), "warn")
        if self.walked.rehearsed.is_cut:
            yield Remark(_("The walk does not come to an end, so it was cut off here."), "warn")

    def run(self, run: RehearsedRun) -> list[Line]:
        """Every step of one run, and how it ended."""
        words = entry_words(self.definition)
        entered = words[run.entry] if run.entry < len(words) else _("Entered")
        lines = [Line(1, run.started_at, entered)]
        for number, visit in enumerate(run.visits, start=2):
            lines.append(self.left(number, run, visit))
        if run.is_inside and not run.held_out:
            lines.append(self.standing(len(lines) + 1, run))
        elif run.ended_at:
            lines.append(Line(0, run.ended_at, self.ending(run), icon="flag"))
        return lines

    def left(self, number: int, run: RehearsedRun, visit: RehearsedVisit) -> Line:
        node = self.nodes.get(visit.step_id)
        return Line(
            number,
            visit.entered_at,
            self.title(visit.step_id, visit.outcome, node),
            [Remark(text, tone) for text, tone in self.why(visit, node, run)],
            self.letters(run.id, visit.visit),
            self.points(run.id, visit.visit),
        )

    def standing(self, number: int, run: RehearsedRun) -> Line:
        remarks = [Remark(run.error, "bad")] if run.error else []
        if run.due_at:
            remarks.append(Remark(_("until %(time)s") % {"time": self.time(run.due_at)}))
        return Line(
            number,
            run.entered_step_at or run.started_at,
            self.title(run.step_id, "", self.nodes.get(run.step_id)),
            remarks,
            self.letters(run.id, run.visit),
            self.points(run.id, run.visit),
        )

    def title(self, step_id: str, outcome: str, node: StepNode | None) -> str:
        title = self.titles.get(step_id, step_id)
        if not outcome.startswith("branch:"):
            return title
        lane = outcome_words(outcome, node)
        return _("%(step)s → %(lane)s") % {"step": title, "lane": lane}

    def why(
        self, visit: RehearsedVisit, node: StepNode | None, run: RehearsedRun
    ) -> Iterator[tuple[str, Tone]]:
        if visit.outcome == "failed":
            yield run.error or visit.reason, "bad"
            return
        if visit.left_at > visit.entered_at:
            yield _("until %(time)s") % {"time": self.time(visit.left_at)}, ""
        if visit.outcome == "goal":
            yield _("Reached the goal"), "ok"
        yield from ((text, "") for text in _decided(visit, node))

    def letters(self, run: UUID, visit: int) -> list[Letter]:
        return [
            self.letter(each)
            for each in self.walked.rehearsed.messages
            if (each.enrolment_id, each.visit) == (run, visit)
        ]

    def letter(self, message: RehearsedMessage) -> Letter:
        remarks = [Remark(self.held(hold), "warn") for hold in message.holds]
        if message.verdict == "send" and message.sent_at:
            if message.sent_at > message.queued_at:
                time = {"time": self.time(message.sent_at)}
                remarks.append(Remark(_("Sent at %(time)s") % time, "ok"))
        elif message.verdict == "failed":
            remarks.append(Remark(message.reason_words, "bad"))
        elif not message.holds:
            remarks.append(Remark(message.reason_words or _("Not sent yet"), "warn"))
        return Letter(
            self.numbers[message.id],
            message.name,
            [*remarks, *_filled_in(message)],
            may_read=message.drawn is not None,
        )

    def held(self, hold: Hold) -> str:
        words = {"reason": hold.words, "time": self.time(hold.until) if hold.until else ""}
        if hold.until:
            return _("Would be held back until %(time)s: %(reason)s") % words
        return _("Would not be sent: %(reason)s") % words

    def points(self, run: UUID, visit: int) -> list[Point]:
        return [each for each in self.walked.points if (each.run, each.visit) == (run, visit)]

    def ending(self, run: RehearsedRun) -> str:
        if not run.exit_reason:
            return _("Came to the end")
        return _("Left: %(reason)s") % {"reason": reason_words(run.exit_reason)}

    def time(self, at: datetime) -> str:
        return date_format(localtime(at, self.zone), WRITTEN)


def _decided(visit: RehearsedVisit, node: StepNode | None) -> Iterator[str]:
    """Why the step sent them where they went."""
    if visit.reason:
        yield str(visit.reason)
    elif node and visit.outcome.startswith("branch:") and node.kind in steps:
        words = {"condition": steps.get(node.kind).words(node.config)}
        if node.kind == "if_else":
            is_true = visit.outcome == "branch:0"
            text = _("True then: %(condition)s") if is_true else _("Not true then: %(condition)s")
            yield text % words
        elif node.kind == "wait_for_event":
            happened = visit.outcome == "branch:0"
            yield _("It happened.") if happened else _("It did not happen in that time.")


def _filled_in(message: RehearsedMessage) -> Iterator[Remark]:
    if message.drawn is None:
        return
    for gap in message.drawn.gaps:
        words = {"name": gap.name, "shown": gap.shown}
        if gap.shown:
            yield Remark(_("“%(name)s” is empty: shows “%(shown)s”.") % words, "warn")
        else:
            yield Remark(_("“%(name)s” is empty: shows nothing.") % words, "warn")
    if not message.drawn.gaps:
        yield Remark(_("All personal fields are filled in."))


def offers_of(point: Point) -> list[dict[str, Any]]:
    """What can be chosen at a point, the choice made marked; doing nothing is always one."""
    nothing = Offer("nothing", _("Nothing: time passes"), "clock")
    done = point.done.token if point.done else nothing.token
    return [
        {"offer": each, "current": each.token == done and not point.is_open}
        for each in [nothing, *point.offers]
    ]
