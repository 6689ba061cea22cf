"""A run step by step: when, why they went on, and what each split saw."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.explaining import Asked, Finding
from contacts.models import Contact
from journeys.contracts import (
    Branch,
    Config,
    Exit,
    Next,
    Outcome,
    Run,
    Sending,
    Step,
    StepBatch,
    steps,
)
from journeys.definition import StepNode, find_step, walk
from journeys.explain.facts import MOMENT_FORMAT, Facts, Version
from journeys.models import Enrolment, StepVisit
from journeys.path import ending_words, left_words, waiting_words
from journeys.tree import step_titles

# What to call a step, by its version's id and its own.
Titles = Mapping[tuple[UUID, str], str]


@dataclass(frozen=True)
class Stay:
    """One stay at one step; `left_at` None means they stand there now.

    `decision` is what a split asked, as of when they passed it; `agrees` is False where it would
    go otherwise by what is known now.
    """

    step_id: str
    version_id: UUID
    visit: int
    title: str
    icon: str
    family: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str
    words: str
    question: Asked | None = None
    decision: Finding | None = None
    agrees: bool = True
    sendings: Sequence[Sending] = ()


@dataclass(frozen=True)
class ToldRun:
    """One run: by which version, how it goes or ended, and all its stays in order."""

    run: Enrolment
    version: Version | None
    stays: Sequence[Stay]
    ending: str
    is_live_version: bool

    @property
    def code(self) -> str:
        """held_out, inside, held, completed, goal, left or failed."""
        run = self.run
        if run.holdout:
            return "held_out"
        if run.exit_reason == "goal":
            return "goal"
        return {"active": "inside", "finished": "completed", "exited": "left"}.get(
            run.status, run.status
        )

    @property
    def here(self) -> Stay | None:
        """Where they stand; None once it ended."""
        return self.stays[-1] if self.stays and self.stays[-1].left_at is None else None

    def node(self, step_id: str) -> StepNode | None:
        """The step of that id in the version they are on."""
        return nodes_of(self.version).get(step_id) if self.version else None


def nodes_of(version: Version) -> dict[str, StepNode]:
    """The steps of a version by id."""
    return {node.id: node for node, _place in walk(version.definition.steps)}


def node_of(facts: Facts, version_id: UUID, step_id: str) -> StepNode | None:
    """The step of that id in that version; None where it has none."""
    version = facts.version(version_id)
    return find_step(version.definition, step_id) if version else None


def told_runs(
    facts: Facts, runs: Sequence[Enrolment], sendings: Iterable[Sending], titles: Titles
) -> list[ToldRun]:
    """The runs with their stays, their splits still unasked."""
    sent: dict[tuple[UUID, str, int], list[Sending]] = {}
    for each in sendings:
        sent.setdefault((each.enrolment_id, each.step_id, each.visit), []).append(each)
    return [_told(facts, run, titles, sent) for run in runs]


def titles_of(facts: Facts, runs: Sequence[Enrolment]) -> dict[tuple[UUID, str], str]:
    """What to call the steps that these runs met, and all that send something, in their version
    and in what runs; each kind of step is asked once.
    """
    stays = [(each.version_id, each.step_id) for run in runs for each in facts.visits[run.pk]]
    met = {*stays, *((run.version_id, run.step_id) for run in runs)}
    versions = {version_id for version_id, _step in met}
    if live := facts.journey.live_version_id:
        versions.add(live)
    nodes = {
        (version_id, node.id): node
        for version_id in versions
        if (version := facts.version(version_id))
        for node in nodes_of(version).values()
    }
    places = [place for place, node in nodes.items() if place in met or sends(node)]
    titles = step_titles(
        replace(nodes[place], id=str(number)) for number, place in enumerate(places)
    )
    return {place: titles[str(number)] for number, place in enumerate(places)}


def sends(node: StepNode) -> bool:
    """Whether the step sends something."""
    plugin = _plugin(node)
    return plugin is not None and plugin.family == "message"


def _told(
    facts: Facts,
    run: Enrolment,
    titles: Titles,
    sent: Mapping[tuple[UUID, str, int], Sequence[Sending]],
) -> ToldRun:
    version = facts.version(run.version_id)
    stays = [
        _left(facts, visit, node_of(facts, visit.version_id, visit.step_id))
        for visit in facts.visits.get(run.pk, ())
    ]
    if run.ended_at is None and not run.holdout:
        stays.append(_standing(facts, run, node_of(facts, run.version_id, run.step_id)))
    return ToldRun(
        run=run,
        version=version,
        stays=[
            replace(
                stay,
                title=titles.get((stay.version_id, stay.step_id), stay.title),
                sendings=sent.get((run.pk, stay.step_id, stay.visit), ()),
            )
            for stay in stays
        ],
        ending=ending_words(run),
        is_live_version=run.version_id == facts.journey.live_version_id,
    )


def _left(facts: Facts, visit: StepVisit, node: StepNode | None) -> Stay:
    icon, family = _look(node)
    return Stay(
        step_id=visit.step_id,
        version_id=visit.version_id,
        visit=visit.visit,
        title=_("A step that is gone"),
        icon=icon,
        family=family,
        entered_at=visit.entered_at,
        left_at=visit.left_at,
        outcome=visit.outcome,
        words=left_words(visit, node),
        question=_question(facts, visit, node),
    )


def _standing(facts: Facts, run: Enrolment, node: StepNode | None) -> Stay:
    icon, family = _look(node)
    return Stay(
        step_id=run.step_id,
        version_id=run.version_id,
        visit=run.visit,
        title=_("A step that is gone"),
        icon=icon,
        family=family,
        entered_at=run.entered_step_at,
        left_at=None,
        outcome="",
        words=_here_words(facts, run),
    )


def _here_words(facts: Facts, run: Enrolment) -> str:
    """What they wait for, or why the step they stand at cannot be done."""
    if not run.error:
        waiting = waiting_words(run, facts.zone, MOMENT_FORMAT)
        return f"{waiting}." if waiting else ""
    words = {"error": run.error, "time": facts.said(run.due_at or facts.now)}
    return _("The step failed: %(error)s It is tried again at %(time)s.") % words


def _look(node: StepNode | None) -> tuple[str, str]:
    """Its icon and family."""
    plugin = _plugin(node)
    if plugin is None:
        return "circle-question-mark", "logic"
    return plugin.icon, plugin.family


def _plugin(node: StepNode | None) -> Step | None:
    return steps.get(node.kind) if node and node.kind in steps else None


def _question(facts: Facts, visit: StepVisit, node: StepNode | None) -> Asked | None:
    """What a split asked about them when they passed it; None for a step that asks nothing."""
    plugin = _plugin(node)
    if plugin is None or node is None or not visit.outcome.startswith("branch:"):
        return None
    tree = plugin.question(node.config)
    return Asked(tree, facts.scope(visit.left_at)) if tree else None


# --- what splits would say


def decided(facts: Facts, told: ToldRun, answers: Mapping[int, Finding]) -> ToldRun:
    """The run with the answers to its splits' questions, by the visit's number."""
    stays = [
        _decided(facts, told, stay, answers[stay.visit]) if stay.visit in answers else stay
        for stay in told.stays
    ]
    return replace(told, stays=stays)


def _decided(facts: Facts, told: ToldRun, stay: Stay, answer: Finding) -> Stay:
    node = node_of(facts, stay.version_id, stay.step_id)
    plugin = _plugin(node)
    if node is None or plugin is None:
        return stay
    batch = StepBatch(
        step_id=node.id,
        config=node.config,
        journey_id=facts.journey.pk,
        version_id=stay.version_id,
        now=stay.left_at or facts.now,
        timezone=facts.timezone,
        runs=[_again(told.run, stay)],
        store=_Answered(facts, answer),
    )
    [outcome] = plugin.run(batch)
    return replace(stay, decision=answer, agrees=_name_of(outcome) == stay.outcome)


def _again(run: Enrolment, stay: Stay) -> Run:
    return Run(
        enrolment_id=run.pk,
        contact_id=run.contact_id,
        entered_step_at=stay.entered_at,
        started_at=run.started_at,
        visit=stay.visit,
        context=run.context,
    )


def _name_of(outcome: Outcome) -> str:
    if isinstance(outcome, Branch):
        return f"branch:{outcome.index}"
    if isinstance(outcome, Exit):
        return f"exit:{outcome.reason}"
    return "next" if isinstance(outcome, Next) else ""


@dataclass(frozen=True)
class _Answered:
    """A store that knows one contact, and the answer to one tree."""

    facts: Facts
    answer: Finding

    def contacts(self, contact_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """The contact that is explained."""
        return {self.facts.contact.pk: self.facts.contact}

    def zones(self, contact_ids: Collection[UUID]) -> Mapping[UUID, ZoneInfo]:
        """Their zone."""
        return {self.facts.contact.pk: self.facts.zone}

    def matching(
        self, contact_ids: Collection[UUID], tree: Config, batch: StepBatch
    ) -> Collection[UUID]:
        """The contact when the conditions were found to hold."""
        return {self.facts.contact.pk} if self.answer.holds else set()
