"""Other settings of a step, an entry, the goal, an exit or the journey."""

from django import forms
from django.utils.translation import gettext_lazy

from journeys.config_forms import config_of
from journeys.contracts import Config
from journeys.definition import Definition
from journeys.edits import Edit, Given, ObjectField, Operation, operations
from journeys.parts import form_of_part, split, title_of_part, with_config


class UpdateFields(forms.Form):
    part = forms.CharField(max_length=30)
    config = ObjectField()


class Update(Operation):
    """Kept as their form cleans them; while they are not valid, as they are: a draft may be."""

    key = "update"
    label = gettext_lazy("change %(what)s")
    past = gettext_lazy("changed “%(what)s”")
    fields = UpdateFields
    furnishes = True

    def apply(self, definition: Definition, given: Given) -> Edit:
        part, config = given["part"], dict(given["config"])
        people = {"only": config.pop("only")} if "only" in config else {}
        own = cleaned(form_of_part(definition, part), config)
        name = last_of(definition, part)
        changed = with_config(definition, name, {**own, **people})
        left = changed if own or people else definition
        return Edit(changed, title_of_part(left, name), focus=name)


def last_of(definition: Definition, part: str) -> str:
    """The name of the part; of an exit beyond the last, the one it becomes."""
    head, number = split(part)
    return f"exit:{min(number, len(definition.exits))}" if head == "exit" else part


def cleaned(form: type[forms.Form], config: Config) -> Config:
    """The settings as the form cleans them; as they are while it refuses them."""
    bound = form(config)
    return config_of(bound) if bound.is_valid() else config


operations.register(Update())
