"""A new step."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy

from journeys.contracts import steps
from journeys.definition import Definition
from journeys.edits import Edit, Given, LaneField, Operation, PlaceField, operations
from journeys.places import Nodes, inserted, new_step, no_such_branch, refusal_at, with_lane


class InsertFields(forms.Form):
    """Of a split: which lane takes the steps that follow; none, and they stay below it."""

    kind = forms.CharField(max_length=60)
    place = PlaceField()
    following = LaneField(otherwise="after")


class Insert(Operation):
    """It begins with the settings its form begins with."""

    key = "insert"
    label = gettext_lazy("add %(what)s")
    past = gettext_lazy("added “%(what)s”")
    fields = InsertFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        place, kind = given.get("place", ""), given["kind"]
        if refusal := refusal_at(definition, place, kind):
            raise refusal
        new = new_step(definition, kind)
        lane = given.get("following") if new.branches else None
        if lane is not None and lane >= len(new.branches):
            raise no_such_branch()

        def put(before: Nodes, after: Nodes) -> Nodes:
            if lane is None:
                return (*before, new, *after)
            return (*before, with_lane(new, lane, after))

        changed = replace(definition, steps=inserted(definition.steps, place, put))
        return Edit(changed, str(steps.get(kind).label), focus=new.id)


operations.register(Insert())
