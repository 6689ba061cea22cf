"""What the log says of orders, carts and products."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.money import money
from events.contracts import EventType, event_types


def _sum(data: dict[str, Any]) -> str:
    """The amount in words; "" for what an integrator sent that is none."""
    try:
        return money(Decimal(str(data["total"])), str(data["currency"])[:3])
    except (KeyError, InvalidOperation, ValueError):
        return ""


def describe_order(data: dict[str, Any]) -> str:
    """Its number and sum."""
    number = str(data.get("number") or data.get("external_id") or "")
    name = _("Order %(number)s") % {"number": number} if number else ""
    return ", ".join(part for part in (name, _sum(data)) if part)


def describe_cart(data: dict[str, Any]) -> str:
    """How many things are in it, and its sum."""
    lines = data.get("lines")
    count = len(lines) if isinstance(lines, list) else 0
    words = ngettext("%(count)s product", "%(count)s products", count) % {"count": count}
    return ", ".join(part for part in (words if count else "", _sum(data)) if part)


def describe_product(data: dict[str, Any]) -> str:
    """The product's name, or its id."""
    return str(data.get("name") or data.get("product_id") or "")


for event_type in (
    EventType(
        "order.placed",
        gettext_lazy("Ordered"),
        "shopping-bag",
        "ok",
        describe_order,
        is_activity=True,
    ),
    EventType("order.paid", gettext_lazy("Order paid"), "credit-card", "ok", describe_order),
    EventType("order.fulfilled", gettext_lazy("Order sent"), "truck", "info", describe_order),
    EventType(
        "order.delivered", gettext_lazy("Order delivered"), "package-check", "ok", describe_order
    ),
    EventType("order.cancelled", gettext_lazy("Order cancelled"), "ban", "bad", describe_order),
    EventType("order.refunded", gettext_lazy("Order refunded"), "undo-2", "warn", describe_order),
    EventType(
        "cart.updated",
        gettext_lazy("Cart changed"),
        "shopping-cart",
        "info",
        describe_cart,
        is_activity=True,
    ),
    EventType("cart.emptied", gettext_lazy("Cart emptied"), "shopping-cart", "", describe_cart),
    EventType("cart.converted", gettext_lazy("Cart ordered"), "shopping-cart", "ok", describe_cart),
    EventType(
        "product.viewed",
        gettext_lazy("Looked at a product"),
        "eye",
        "",
        describe_product,
        is_activity=True,
    ),
):
    event_types.register(event_type)
