"""What the owner calls a step, and a note for colleagues."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy

from journeys.definition import MAX_NAME, MAX_NOTE, Definition
from journeys.edits import Edit, Given, Operation, StepField, operations
from journeys.places import replaced, step_of
from journeys.tree import step_title


class DescribeFields(forms.Form):
    """What is left out stays; an empty name is the words of the settings again."""

    step = StepField()
    name = forms.CharField(label=gettext_lazy("Name"), max_length=MAX_NAME, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note for the team"),
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Describe(Operation):
    """Neither changes what the step does."""

    key = "describe"
    label = gettext_lazy("describe %(what)s")
    past = gettext_lazy("described “%(what)s”")
    fields = DescribeFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        node = step_of(definition, given["step"])
        new = replace(node, name=given.get("name", node.name), note=given.get("note", node.note))
        changed = replaced(definition.steps, node.id, lambda _node: (new,))
        return Edit(replace(definition, steps=changed), step_title(new), focus=node.id)


operations.register(Describe())
