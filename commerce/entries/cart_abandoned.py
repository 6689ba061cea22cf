"""A cart was left alone."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.entry_forms import amount_field, amount_words
from commerce.entry_sql import CART, CART_JSON
from commerce.models import Cart
from contacts.models import Contact
from events.models import Event
from journeys.contracts import Config, Scope, TimedEntry, entries

SELECT = f"""
    SELECT cart.contact_id, cart.id::text, cart.changed_at + %(idle)s, {CART_JSON}
      FROM {CART} AS cart JOIN {Contact._meta.db_table} AS contact ON contact.id = cart.contact_id
     WHERE cart.status = 'open' AND cart.value > 0 AND cart.value >= %(min_value)s
       AND cart.changed_at > %(since)s - %(idle)s AND cart.changed_at <= %(now)s - %(idle)s
       AND (contact.email IS NOT NULL OR contact.phone <> '')"""

# As it was: what the log tells of carts, whatever became of them since.
RECALLED = f"""
    SELECT told.contact_id, cart.id::text, told.occurred_at + %(idle)s, told.data
      FROM {Event._meta.db_table} AS told
      JOIN {CART} AS cart ON cart.contact_id = told.contact_id
                         AND cart.id::text = told.data ->> 'cart_id'
      JOIN {Contact._meta.db_table} AS contact ON contact.id = told.contact_id
     CROSS JOIN LATERAL (
        SELECT CASE WHEN told.data ->> 'value' ~ '^[0-9]{{1,12}}([.][0-9]{{1,6}})?$'
                    THEN (told.data ->> 'value')::numeric END AS value) AS worth
     WHERE told.type = 'cart.updated' AND worth.value > 0 AND worth.value >= %(min_value)s
       AND told.occurred_at > %(since)s - %(idle)s AND told.occurred_at <= %(now)s - %(idle)s
       AND NOT told.data ? 'historical'
       AND (contact.email IS NOT NULL OR contact.phone <> '')
       AND NOT EXISTS (
           SELECT 1 FROM {Event._meta.db_table} AS later
            WHERE later.contact_id = told.contact_id
              AND later.type IN ('cart.updated', 'cart.emptied', 'cart.converted')
              AND later.data ->> 'cart_id' = told.data ->> 'cart_id'
              AND later.occurred_at > told.occurred_at
              AND later.occurred_at <= told.occurred_at + %(idle)s)"""


class CartForm(forms.Form):
    """How long it has to lie still, and what it has to be worth."""

    idle_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes without a change"),
        min_value=5,
        max_value=7 * 24 * 60,
        initial=60,
        help_text=gettext_lazy("An hour works for most shops."),
    )
    min_value = amount_field(
        gettext_lazy("Worth at least"),
        gettext_lazy("In your main currency. Empty for every cart that is not empty."),
    )


class CartAbandoned(TimedEntry):
    """An open cart of somebody who can be reached; each cart is a run of its own."""

    key = "cart_abandoned"
    label = gettext_lazy("Cart abandoned")
    icon = "shopping-cart"
    form = CartForm
    hears = frozenset({"cart.updated"})

    def example(self) -> Config:
        return {"idle_minutes": 60, "min_value": "20.00"}

    def summary(self, config: Config) -> str:
        words = _idle_words(int(config.get("idle_minutes") or 0))
        if not config.get("min_value"):
            return _("When a cart has not changed for %(time)s") % {"time": words}
        amount = amount_words(config["min_value"])
        return _("When a cart worth at least %(amount)s has not changed for %(time)s") % {
            "amount": amount,
            "time": words,
        }

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        least = Decimal(config.get("min_value") or 0)
        return SELECT, {"idle": _idle(config), "min_value": least}

    def recall(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return RECALLED, self.select(config, scope)[1]

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        still_moving = Cart.objects.filter(
            status=Cart.Status.OPEN,
            contact__isnull=False,
            changed_at__gt=scope.now - _idle(config),
        )
        earliest: datetime | None = still_moving.aggregate(at=Min("changed_at"))["at"]
        return earliest + _idle(config) if earliest else None

    def heard(self, config: Config, event: Event) -> datetime | None:
        if event.data.get("historical"):
            return None
        return event.occurred_at + _idle(config)


def _idle(config: Config) -> timedelta:
    return timedelta(minutes=int(config["idle_minutes"]))


def _idle_words(minutes: int) -> str:
    if minutes and minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


entries.register(CartAbandoned())
