"""Coupons for recipes: the workspace's coupon of that name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from commerce.models import Coupon
from journeys.contracts import Ingredient, ingredients


def coupon(name: str, _language: str, now: datetime, settings: Mapping[str, Any]) -> str:
    """The id of the active coupon of this name, else of a new one with these settings."""
    found = Coupon.objects.filter(name=name, is_active=True).order_by("created_at").first()
    if found is None:
        found = Coupon.objects.create(name=name, created_at=now, **settings)
    return str(found.pk)


ingredients.register(Ingredient("coupon", coupon))
