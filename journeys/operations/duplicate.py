"""A step once more, right after itself."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy

from journeys.definition import Definition
from journeys.edits import Edit, Given, Operation, StepField, operations
from journeys.operations.paste import nothing_to_paste
from journeys.places import copied, ids, replaced, step_of
from journeys.tree import step_title


class DuplicateFields(forms.Form):
    step = StepField()


class Duplicate(Operation):
    """With settings, names, notes and lanes, but under ids of their own and without goal step."""

    key = "duplicate"
    label = gettext_lazy("duplicate %(what)s")
    past = gettext_lazy("duplicated “%(what)s”")
    fields = DuplicateFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        node = step_of(definition, given["step"])
        copy = copied((node,), ids(definition), goal=False)
        if not copy:
            raise nothing_to_paste((node,))
        changed = replaced(definition.steps, node.id, lambda each: (each, *copy))
        return Edit(replace(definition, steps=changed), step_title(node), focus=copy[0].id)


operations.register(Duplicate())
