"""Choosing a survey in the settings of steps, entries and conditions."""

from typing import Any
from uuid import UUID

from surveys.models import Survey


def survey_choices() -> list[tuple[str, str]]:
    """The surveys there are."""
    return [(str(pk), name) for pk, name in Survey.objects.values_list("pk", "name")]


def uuid_of(text: Any) -> UUID | None:
    """The id a text spells; None when it spells none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
