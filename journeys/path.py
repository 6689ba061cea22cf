"""One person's way through a journey: each step with its times, and why they went on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.contracts import event_types
from journeys.contracts import steps
from journeys.definition import StepNode, parse, walk
from journeys.local_time import zone_named
from journeys.models import Enrolment, JourneyVersion, StepVisit
from journeys.split_trials import FOLLOWED
from tenants.context import current_workspace

# The engine's own reasons for leaving; all others are the owner's words.
REASONS = {
    "goal": gettext_lazy("reached the goal"),
    "holdout": gettext_lazy("was held out to compare"),
    "removed": gettext_lazy("was taken out by a colleague"),
    "removed_by_journey": gettext_lazy("was taken out by another journey"),
    "archived": gettext_lazy("the journey was put away"),
    "loop_guard": gettext_lazy("went in circles, so the journey was stopped for them"),
    "no_branch_matched": gettext_lazy("no branch fitted"),
    "exit_step": gettext_lazy("came to an exit"),
    "failed": gettext_lazy("a step failed"),
    "step_removed": gettext_lazy("their step was removed in a new version"),
    "moved": gettext_lazy("moved on to a new version"),
    "already_reviewed": gettext_lazy("has reviewed everything already"),
    "nothing_to_review": gettext_lazy("there was nothing to review"),
}

# Why somebody went where they went, where the lane alone does not tell.
WHY = {FOLLOWED: gettext_lazy("it had won the A/B test")}


@dataclass(frozen=True)
class PathStep:
    """One stay at one step; `left_at` None means they stand there now."""

    step_id: str
    number: int
    label: str
    summary: str
    icon: str
    family: str
    entered_at: datetime
    left_at: datetime | None
    # next, branch:0, exit:reason, goal, failed; "" while they stand there.
    outcome: str
    # Why they went on, or what they wait for.
    words: str


def runs_of(contact_id: UUID) -> "QuerySet[Enrolment]":
    """All runs of a contact, newest first, with their journeys and versions."""
    return (
        Enrolment.objects.filter(contact_id=contact_id)
        .select_related("journey", "version")
        .order_by("-started_at", "-pk")
    )


def path_of(enrolment: Enrolment) -> list[PathStep]:
    """Every step of a run in order, the present one last, in three queries."""
    visits: Sequence[StepVisit] = list(enrolment.visits.order_by("visit"))
    nodes = _nodes(enrolment, {visit.version_id for visit in visits})
    path = [_left(visit, nodes[visit.version_id].get(visit.step_id)) for visit in visits]
    if enrolment.ended_at is None and not enrolment.holdout:
        path.append(_standing(enrolment, nodes[enrolment.version_id].get(enrolment.step_id)))
    return path


def _nodes(enrolment: Enrolment, version_ids: set[UUID]) -> dict[UUID, dict[str, StepNode]]:
    """The steps of each version the run was in, by id."""
    earlier = version_ids - {enrolment.version_id}
    definitions = {enrolment.version_id: enrolment.version.definition}
    if earlier:
        rows = JourneyVersion.objects.filter(pk__in=earlier)
        definitions |= dict(rows.values_list("pk", "definition"))
    return defaultdict(dict) | {
        pk: {node.id: node for node, _place in walk(parse(definition).steps)}
        for pk, definition in definitions.items()
    }


def ending_words(enrolment: Enrolment) -> str:
    """How a run ended, in words; "" while it goes on."""
    if enrolment.ended_at is None:
        return ""
    if not enrolment.exit_reason:
        return _("Came to the end")
    return _("Left: %(reason)s") % {"reason": reason_words(enrolment.exit_reason)}


def reason_words(reason: str) -> str:
    """A reason for leaving as people read it."""
    return str(REASONS.get(reason, reason))


def _left(visit: StepVisit, node: StepNode | None) -> PathStep:
    return _step(
        visit.step_id,
        visit.visit,
        node,
        visit.entered_at,
        visit.left_at,
        visit.outcome,
        left_words(visit, node),
    )


def _standing(enrolment: Enrolment, node: StepNode | None) -> PathStep:
    words = enrolment.error or waiting_words(enrolment)
    return _step(
        enrolment.step_id, enrolment.visit, node, enrolment.entered_step_at, None, "", words
    )


def _step(
    step_id: str,
    number: int,
    node: StepNode | None,
    entered_at: datetime,
    left_at: datetime | None,
    outcome: str,
    words: str,
) -> PathStep:
    plugin = steps.get(node.kind) if node and node.kind in steps else None
    return PathStep(
        step_id=step_id,
        number=number,
        label=str(plugin.label) if plugin else (node.kind if node else step_id),
        summary=plugin.words(node.config) if plugin and node else "",
        icon=plugin.icon if plugin else "circle-question-mark",
        family=plugin.family if plugin else "logic",
        entered_at=entered_at,
        left_at=left_at,
        outcome=outcome,
        words=words,
    )


def left_words(visit: StepVisit, node: StepNode | None) -> str:
    """How a step was left and why, in words; "" for simply going on."""
    words = outcome_words(visit.outcome, node)
    if not visit.reason:
        return words
    shown = str(WHY.get(visit.reason, visit.reason))
    return f"{words}: {shown}" if visit.reason in WHY else shown


def outcome_words(outcome: str, node: StepNode | None) -> str:
    """How a step was left, in words; "" for simply going on."""
    kind, _colon, detail = outcome.partition(":")
    if kind == "exit":
        return _("Left: %(reason)s") % {"reason": reason_words(detail)}
    if kind == "goal":
        return _("Reached the goal")
    if kind == "moved":
        return _("Moved on to a new version")
    if kind == "failed":
        return _("The step failed")
    if kind == "branch":
        return lane_name(node, int(detail))
    return ""


def lane_name(node: StepNode | None, number: int) -> str:
    """What a branch of a step is called: its own label, else the step's word for it."""
    if node is None or number >= len(node.branches):
        return _("Branch %(number)s") % {"number": number + 1}
    lanes = steps.get(node.kind).lane_names(node.config) if node.kind in steps else []
    default = lanes[number] if number < len(lanes) else ""
    return node.branches[number].label or default


def waiting_words(
    enrolment: Enrolment, zone: ZoneInfo | None = None, written: str = "DATETIME_FORMAT"
) -> str:
    """What a run waits for and until when, in a zone, the workspace's unless told; "" for none."""
    if enrolment.status == Enrolment.Status.HELD:
        return _("Held: the journey is paused")
    if enrolment.due_at is None:
        return ""
    zone = zone or zone_named(current_workspace("A path").timezone)
    words = {"time": date_format(localtime(enrolment.due_at, zone), written)}
    if not enrolment.waits_for:
        return _("Goes on at %(time)s") % words
    event = enrolment.waits_for
    words["event"] = str(event_types.get(event).label) if event in event_types else event
    return _("Waits for “%(event)s”, until %(time)s") % words
