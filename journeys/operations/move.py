"""A step goes somewhere else, with all its lanes hold."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from journeys.definition import Definition, StepNode
from journeys.edits import Edit, Given, Operation, PlaceField, StepField, operations
from journeys.places import depth_at, every_place, inserted, place_of, replaced, step_of
from journeys.tree import step_title


class MoveFields(forms.Form):
    step = StepField()
    place = PlaceField()


class Move(Operation):
    """Never into itself or one of its own lanes."""

    key = "move"
    label = gettext_lazy("move %(what)s")
    past = gettext_lazy("moved “%(what)s”")
    fields = MoveFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        node, place = step_of(definition, given["step"]), given.get("place", "")
        title = step_title(node)
        depth_at(definition, place)
        if place in (node.id, place_of(definition, node.id)):
            words = _("“%(step)s” stands there already.") % {"step": title}
            raise Invalid("stands_there", words)
        if place in places_within(node):
            words = _("“%(step)s” cannot go into one of its own branches.") % {"step": title}
            raise Invalid("into_itself", words)
        without = replaced(definition.steps, node.id, lambda _node: ())
        moved = inserted(without, place, lambda before, after: (*before, node, *after))
        return Edit(replace(definition, steps=moved), title, focus=node.id)


def places_within(node: StepNode) -> set[str]:
    """The places in a step's own lanes."""
    return {place for place, _depth in every_place((node,))} - {"", node.id}


operations.register(Move())
