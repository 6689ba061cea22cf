"""Settings of a step as pairs of words, read through its own form."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from journeys import trees
from journeys.contracts import Config, Plugin
from journeys.trees import TreeField


def settings_in_words(plugin: Plugin, config: Config) -> list[tuple[str, str]]:
    """(label, value) of every setting that has one.

    A choice whose names only the database knows is left out: the step's title names what it is.
    """
    found = []
    for name, each in plugin.form.base_fields.items():
        value = config.get(name)
        if value not in (None, "", []) and not _is_unnamed(each):
            found.append((str(each.label or name), _words(each, value)))
    return found


def changed_settings(form: type[forms.Form], old: Config, new: Config) -> list[str]:
    """Each setting of the form that differs, in words: "Days: 2 → 3"."""
    found = []
    for name, each in form.base_fields.items():
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        label = str(each.label or name)
        if _is_unnamed(each):
            found.append(_("%(setting)s: another one") % {"setting": label})
        else:
            words = {"setting": label, "old": _or_nothing(each, before)}
            words["new"] = _or_nothing(each, after)
            found.append(_("%(setting)s: %(old)s → %(new)s") % words)
    return found


def _or_nothing(field: forms.Field, value: Any) -> str:
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"“{_words(field, value)}”"


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(field, TreeField):
        return trees.describe(value)
    choices = _choices(field)
    if isinstance(value, list):
        return ", ".join(choices.get(str(each), str(each)) for each in value)
    return choices.get(str(value), str(value))


def _is_unnamed(field: forms.Field) -> bool:
    if isinstance(field, forms.ModelChoiceField):
        return True
    return isinstance(field, forms.ChoiceField) and not _choices(field)


def _choices(field: forms.Field) -> dict[str, str]:
    """The names of what can be chosen; {} for a field without choices."""
    found = getattr(field, "choices", None)
    if found is None:
        return {}
    return {str(value): str(label) for value, label in found if not isinstance(label, list)}
