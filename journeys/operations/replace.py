"""The whole draft anew."""

from django import forms
from django.utils.translation import gettext_lazy

from journeys.definition import Definition, parse
from journeys.edits import Edit, Given, ObjectField, Operation, operations


class ReplaceFields(forms.Form):
    definition = ObjectField()


class Replace(Operation):
    """For programs; the ids of steps that are to stay the same are theirs to keep."""

    key = "replace"
    label = gettext_lazy("write the whole draft")
    past = gettext_lazy("wrote the whole draft anew")
    fields = ReplaceFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        return Edit(parse(given["definition"]))


operations.register(Replace())
