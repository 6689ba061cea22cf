"""Surveys for recipes: those that every workspace starts with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from journeys.contracts import Ingredient, ingredients
from surveys.models import Survey


def survey(name: str, _language: str, _now: datetime, _settings: Mapping[str, Any]) -> str:
    """The id of the survey of this key; raises Invalid when the owner has deleted it."""
    found = Survey.objects.filter(key=name).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(
            "survey_missing",
            _("This recipe asks the survey “%(name)s”, which is gone.") % {"name": name},
        )
    return str(found)


ingredients.register(Ingredient("survey", survey))
