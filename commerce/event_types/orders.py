"""What the log says of orders, carts and products."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.money import money
from events.contracts import EventType, event_types

Details = Callable[[dict[str, Any]], str]


def _sum(data: dict[str, Any]) -> str:
    """The amount in words; "" for what an integrator sent that is none."""
    try:
        return money(Decimal(str(data["total"])), str(data["currency"])[:3])
    except (KeyError, InvalidOperation, ValueError):
        return ""


def _of_order(data: dict[str, Any]) -> str:
    """Its number and sum."""
    number = str(data.get("number") or data.get("external_id") or "")
    return ", ".join(part for part in (number, _sum(data)) if part)


def _of_cart(data: dict[str, Any]) -> str:
    """How many things are in it, and its sum; "" for an empty one."""
    lines = data.get("lines")
    count = len(lines) if isinstance(lines, list) else 0
    if not count:
        return ""
    words = ngettext("%(count)s product", "%(count)s products", count) % {"count": count}
    return ", ".join(part for part in (words, _sum(data)) if part)


def _of_product(data: dict[str, Any]) -> str:
    """The product's name, or its id."""
    return str(data.get("name") or data.get("product_id") or "")


# What a customer does by their own hand.
ACTIVITY = {"order.placed", "cart.updated", "product.viewed"}


def _register(key: str, label: Promise, icon: str, tone: str, details: Details) -> None:
    """Told as "Ordered: #1042, €59.90", or by its label alone."""

    def describe(data: dict[str, Any]) -> str:
        found = details(data)
        if not found:
            return str(label)
        return _("%(what)s: %(details)s") % {"what": label, "details": found}

    is_activity = key in ACTIVITY
    event_types.register(EventType(key, label, icon, tone, describe, is_activity=is_activity))


for kind, words, icon, tone in (
    ("placed", gettext_lazy("Ordered"), "shopping-bag", "ok"),
    ("paid", gettext_lazy("Order paid"), "credit-card", "ok"),
    ("fulfilled", gettext_lazy("Order sent"), "truck", "info"),
    ("delivered", gettext_lazy("Order delivered"), "package-check", "ok"),
    ("cancelled", gettext_lazy("Order cancelled"), "ban", "bad"),
    ("refunded", gettext_lazy("Order refunded"), "undo-2", "warn"),
):
    _register(f"order.{kind}", words, icon, tone, _of_order)

for kind, words, tone in (
    ("updated", gettext_lazy("Cart changed"), "info"),
    ("emptied", gettext_lazy("Cart emptied"), ""),
    ("converted", gettext_lazy("Cart ordered"), "ok"),
):
    _register(f"cart.{kind}", words, "shopping-cart", tone, _of_cart)

_register("product.viewed", gettext_lazy("Looked at a product"), "eye", "", _of_product)
