"""Choosing a survey in the settings of steps, entries and conditions."""

from typing import Any
from uuid import UUID

from surveys.models import Survey


def survey_choices() -> list[tuple[str, str]]:
    """The surveys there are."""
    return [(str(pk), name) for pk, name in Survey.objects.values_list("pk", "name")]


def survey_named(config: dict[str, Any]) -> Survey | None:
    """The survey that settings name; None when they name none, or it is gone."""
    survey_id = uuid_of(config.get("survey"))
    return Survey.objects.filter(pk=survey_id).first() if survey_id else None


def uuid_of(text: Any) -> UUID | None:
    """The id a text spells; None when it spells none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
