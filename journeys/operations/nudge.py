"""A step goes up or down among its neighbours."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from journeys.definition import Definition
from journeys.edits import Edit, Given, Operation, StepField, operations
from journeys.places import Nodes, changed, step_of
from journeys.tree import step_title

UP, DOWN = "-1", "1"


class NudgeFields(forms.Form):
    step = StepField()
    by = forms.ChoiceField(choices=[(UP, UP), (DOWN, DOWN)])


class Nudge(Operation):
    """One place; in its own sequence."""

    key = "nudge"
    label = gettext_lazy("move %(what)s")
    past = gettext_lazy("moved “%(what)s”")
    fields = NudgeFields

    def apply(self, definition: Definition, given: Given) -> Edit:
        by, title = int(given["by"]), step_title(step_of(definition, given["step"]))

        def swap(all: Nodes, at: int) -> Nodes:
            if not 0 <= at + by < len(all):
                raise _at_the_end(title, given["by"])
            moved = list(all)
            moved[at], moved[at + by] = moved[at + by], moved[at]
            return tuple(moved)

        words = _("Moved “%(step)s” up") if given["by"] == UP else _("Moved “%(step)s” down")
        return Edit(
            replace(definition, steps=changed(definition.steps, given["step"], swap)),
            title,
            focus=given["step"],
            said=words % {"step": title},
        )


def _at_the_end(title: str, by: str) -> Invalid:
    first = _("“%(step)s” is the first here: there is nothing above it to pass.")
    last = _("“%(step)s” is the last here: there is nothing below it to pass.")
    return Invalid("at_the_end", (first if by == UP else last) % {"step": title})


operations.register(Nudge())
