"""A step goes; of a split, one branch may stay in its place."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy

from journeys.definition import Definition, StepNode
from journeys.edits import Edit, Given, LaneField, Operation, StepField, operations
from journeys.places import Nodes, no_such_branch, place_of, replaced, step_of
from journeys.tree import ENTRY, step_title


class DeleteFields(forms.Form):
    """`keep` is the lane whose steps take the place of the split."""

    step = StepField()
    keep = LaneField(otherwise="none")


class Delete(Operation):
    """With all its lanes hold, but for the one to keep."""

    key = "delete"
    label = gettext_lazy("delete %(what)s")
    past = gettext_lazy("deleted “%(what)s”")
    fields = DeleteFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        node, keep = step_of(definition, given["step"]), given.get("keep")
        if keep is not None and keep >= len(node.branches):
            raise no_such_branch()

        def left(split: StepNode) -> Nodes:
            return () if keep is None else split.branches[keep].steps

        # Next to look at: what stays in its place, else what it stood behind.
        before = place_of(definition, node.id).partition(".")[0] or ENTRY
        stays = left(node)
        return Edit(
            replace(definition, steps=replaced(definition.steps, node.id, left)),
            step_title(node),
            focus=stays[0].id if stays else before,
        )


operations.register(Delete())
