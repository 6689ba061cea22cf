"""Steps of this or another journey once more, at a place."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from journeys.definition import Definition, find_step, parse
from journeys.edits import Edit, Given, LaneField, Operation, PlaceField, StepField, operations
from journeys.models import Journey
from journeys.places import (
    Nodes,
    copied,
    has_goal_step,
    ids,
    inserted,
    lane_label,
    no_such_branch,
)
from journeys.tree import step_title


class PasteFields(forms.Form):
    """`lane`: only the steps of that lane, not the split itself."""

    place = PlaceField()
    from_journey = forms.UUIDField()
    step = StepField()
    lane = LaneField(otherwise="all")


class Paste(Operation):
    """With settings, names and notes, under ids of their own; the goal step where it is none yet.

    What is pasted is read when it is pasted: the other journey's draft as it is by then.
    """

    key = "paste"
    label = gettext_lazy("paste %(what)s")
    past = gettext_lazy("pasted “%(what)s”")
    fields = PasteFields

    def read(self, data: Given, journey: Journey) -> dict[str, Any]:
        given = super().read(data, journey)
        title, nodes = source(given["from_journey"], given["step"], given.get("lane"))
        return {**given, "title": title, "nodes": nodes}

    def apply(self, definition: Definition, given: Given) -> Edit:
        goal = not has_goal_step(definition.steps)
        copy = copied(given["nodes"], ids(definition), goal=goal)
        if not copy:
            raise nothing_to_paste(given["nodes"])
        place = given.get("place", "")
        changed = inserted(definition.steps, place, lambda before, after: (*before, *copy, *after))
        return Edit(replace(definition, steps=changed), given["title"], focus=copy[0].id)


def source(journey_id: Any, step_id: str, lane: int | None) -> tuple[str, Nodes]:
    """What was copied, its title and its steps; raises Invalid when it is not there (any more)."""
    draft = Journey.objects.filter(pk=journey_id).values_list("draft", flat=True).first()
    node = find_step(parse(draft), step_id) if draft is not None else None
    if node is None:
        words = _("What was copied is not there any more: copy it again.")
        raise Invalid("nothing_copied", words)
    if lane is None:
        return step_title(node), (node,)
    if lane >= len(node.branches):
        raise no_such_branch()
    return lane_label(node, lane), node.branches[lane].steps


def nothing_to_paste(nodes: Nodes) -> Invalid:
    """What to say when a copy of these steps is empty."""
    if has_goal_step(nodes):
        return Invalid("two_goal_steps", _("A journey has one goal step at most."))
    return Invalid("nothing_to_paste", _("This branch holds no steps."))


operations.register(Paste())
