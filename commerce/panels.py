"""The box “Orders” on a contact's page: how many, how much, and the newest."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from commerce.models import Currency, CustomerProfile, CustomerStats, Order
from contacts.contracts import Panel, panels
from contacts.models import Contact

MOST_SHOWN = 5


def _context(contact: Contact, now: datetime) -> dict[str, Any] | None:
    """None for whoever never ordered."""
    newest = Order.objects.filter(contact=contact, is_deleted=False).order_by("-placed_at", "-pk")
    orders = list(newest[: MOST_SHOWN + 1])
    if not orders:
        return None
    return {
        "contact": contact,
        "orders": orders[:MOST_SHOWN],
        "has_more": len(orders) > MOST_SHOWN,
        "stats": CustomerStats.objects.filter(contact=contact).first(),
        "profile": CustomerProfile.objects.filter(contact=contact).first(),
        "main_currency": Currency.objects.filter(is_main=True).values_list("code", flat=True)[0],
    }


panels.register(
    Panel(
        key="orders",
        title=gettext_lazy("Orders"),
        template="commerce/_orders_panel.html",
        context=_context,
        order=40,
    )
)
