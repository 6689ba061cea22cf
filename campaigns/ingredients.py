"""Mails for recipes: a starter mail in the recipe's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.starter_mails import starter_template
from journeys.contracts import Ingredient, ingredients


def mail(name: str, language: str, now: datetime, _settings: Mapping[str, Any]) -> str:
    """The id of the workspace's template of this starter."""
    return str(starter_template(key=name, language=language, now=now).pk)


ingredients.register(Ingredient("mail", mail))
