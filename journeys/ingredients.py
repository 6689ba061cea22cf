"""Fields for recipes: a date of people, such as their birthday."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contacts.fields import create_fields
from contacts.models import ContactField
from journeys.contracts import Ingredient, ingredients


def date_field(name: str, _language: str, _now: datetime, settings: Mapping[str, Any]) -> str:
    """The key of this field of contacts; made as a date when there is none."""
    field = ContactField(key=name, label=settings["label"], type=ContactField.Type.DATE)
    create_fields(fields=[field])
    return name


ingredients.register(Ingredient("date_field", date_field))
