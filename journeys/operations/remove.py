"""An entry, the goal, an exit or the rules of the journey go."""

from django import forms
from django.utils.translation import gettext_lazy

from journeys.definition import Definition
from journeys.edits import Edit, Given, Operation, operations
from journeys.parts import title_of_part, without_part
from journeys.tree import ENTRY


class RemoveFields(forms.Form):
    part = forms.CharField(max_length=30)


class Remove(Operation):
    """The rules go back to what they begin with."""

    key = "remove"
    label = gettext_lazy("remove %(what)s")
    past = gettext_lazy("removed “%(what)s”")
    fields = RemoveFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        part = given["part"]
        changed = without_part(definition, part)
        focus = ENTRY if part.startswith("entry:") else ""
        return Edit(changed, title_of_part(definition, part), focus=focus)


operations.register(Remove())
