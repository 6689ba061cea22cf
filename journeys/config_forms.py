"""Settings of steps and entries: from forms to JSON and back."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core.plain import plain
from journeys.contracts import Config, Plugin


def config_form(plugin: Plugin, data: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The plug-in's form; bound when `data` (posted, or a stored config) is given."""
    return plugin.form(data, **options)


def config_of(form: forms.Form) -> Config:
    """A valid form's cleaned data as plain JSON, empty answers left out."""
    found = {name: plain(value) for name, value in form.cleaned_data.items()}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def clean_config(plugin: Plugin, config: Mapping[str, Any]) -> tuple[Config, dict[str, str]]:
    """The config as its form cleans it, and the first error of each field in words."""
    form = config_form(plugin, config)
    if form.is_valid():
        return config_of(form), {}
    labels = {name: each.label or name for name, each in form.fields.items()}
    return {}, {
        name: f"{labels[name]}: {messages[0]}" if name in labels else str(messages[0])
        for name, messages in form.errors.items()
    }
