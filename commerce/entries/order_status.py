"""An order came to where the journey begins: placed, paid, sent, delivered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.entry_forms import (
    amount_field,
    amount_words,
    category_field,
    category_problems,
    category_words,
)
from commerce.entry_sql import ORDER, ORDER_JSON, ORDER_LINE, VOID, in_category
from commerce.models import Order
from core.errors import Problem
from events.models import Event
from journeys.contracts import Check, Config, Scope, TimedEntry, entries, is_news
from journeys.event_filter import shortened

LIKELY = "delivered_or_fulfilled"
STATUSES = {
    "placed": gettext_lazy("is placed"),
    "paid": gettext_lazy("is paid"),
    "fulfilled": gettext_lazy("is sent"),
    "delivered": gettext_lazy("is delivered"),
    LIKELY: gettext_lazy("was delivered some days ago, or else sent longer ago"),
}
# What an order counts as history after, as the events about it do.
HISTORY = "30 days"
DAYS, FALLBACK_DAYS = 7, 14

# Two arms, so that each is found by its own index.
SELECT = f"""
    SELECT placed.contact_id, placed.id::text, due.moment, {ORDER_JSON}
      FROM (SELECT id, delivered_at + %(days)s AS moment FROM {ORDER}
             WHERE delivered_at > %(since)s - %(days)s AND delivered_at <= %(now)s - %(days)s
             UNION ALL
            SELECT id, fulfilled_at + %(fallback)s FROM {ORDER}
             WHERE delivered_at IS NULL AND fulfilled_at > %(since)s - %(fallback)s
               AND fulfilled_at <= %(now)s - %(fallback)s) AS due
      JOIN {ORDER} AS placed ON placed.id = due.id
     WHERE placed.contact_id IS NOT NULL AND placed.status NOT IN ({VOID})
       AND NOT placed.is_deleted AND placed.value >= %(min_value)s
       AND placed.placed_at > placed.created_at - interval '{HISTORY}' {{chosen}}"""
CHOSEN = f"""AND EXISTS (
    SELECT 1 FROM {ORDER_LINE} AS line WHERE line.order_id = placed.id {{chosen}})"""


class OrderForm(forms.Form):
    """Which moment of which orders."""

    status = forms.ChoiceField(
        label=gettext_lazy("When an order"), choices=list(STATUSES.items()), initial="placed"
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days after delivery"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=gettext_lazy("Only where the days count; 7 when left empty."),
    )
    fallback_days = forms.IntegerField(
        label=gettext_lazy("Days after it was sent, when nobody says that it was delivered"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=gettext_lazy("Only where the days count; 14 when left empty."),
    )
    min_value = amount_field(gettext_lazy("Worth at least"))
    category = category_field()


class OrderStatus(TimedEntry):
    """By the event that says so, or by time where days count; old orders start nothing."""

    key = "order_status"
    label = gettext_lazy("Order placed, paid, sent or delivered")
    icon = "package"
    form = OrderForm
    hears = frozenset({"order.delivered", "order.fulfilled"})

    def example(self) -> Config:
        return {"status": LIKELY, "days": 7, "fallback_days": 14, "min_value": "20"}

    def summary(self, config: Config) -> str:
        which = _which(config)
        if config.get("status") != LIKELY:
            status = STATUSES[config["status"]]
            return _("When %(order)s %(status)s") % {"order": which, "status": status}
        return _(
            "%(days)s days after %(order)s is delivered, or %(fallback)s days after it is sent if"
            " nobody says that it arrived"
        ) % {"order": which, "days": _days(config).days, "fallback": _fallback(config).days}

    def problems(self, config: Config) -> list[Problem]:
        return category_problems(config)

    # --- by the event

    def event_type(self, config: Config) -> str:
        return "" if config["status"] == LIKELY else f"order.{config['status']}"

    def matches(self, config: Config, event: Event) -> bool:
        data = event.data
        if data.get("historical") or _amount(data.get("value")) < _least(config):
            return False
        return not config.get("category") or _holds(data, str(config["category"]))

    def checks(self, config: Config, event: Event) -> list[Check]:
        found, least, given = [is_news(event)], _least(config), event.data.get("value")
        if least or _amount(given) < least:
            wanted = _("it is worth at least %(amount)s") % {"amount": amount_words(least)}
            had = _("it was worth “%(amount)s”") % {"amount": shortened(given)}
            found.append(Check(wanted, _amount(given) >= least, had))
        if category := config.get("category"):
            words = {"category": category_words(config)}
            wanted = _("something in it is from “%(category)s”") % words
            found.append(Check(wanted, _holds(event.data, str(category))))
        return found

    def key_of(self, config: Config, event: Event) -> str:
        return str(event.data.get("order_id", ""))

    # --- by time

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        chosen = in_category("line.product_id", config)
        return SELECT.format(chosen=CHOSEN.format(chosen=chosen) if chosen else ""), {
            "days": _days(config),
            "fallback": _fallback(config),
            "min_value": _least(config),
            "category": config.get("category"),
        }

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        days, fallback = _days(config), _fallback(config)
        delivered = Order.objects.filter(delivered_at__gt=scope.now - days)
        sent = Order.objects.filter(delivered_at=None, fulfilled_at__gt=scope.now - fallback)
        first = delivered.aggregate(at=Min("delivered_at"))["at"]
        other = sent.aggregate(at=Min("fulfilled_at"))["at"]
        found = [at + wait for at, wait in ((first, days), (other, fallback)) if at]
        return min(found, default=None)

    def heard(self, config: Config, event: Event) -> datetime | None:
        if config["status"] != LIKELY or event.data.get("historical"):
            return None
        is_delivered = event.type == "order.delivered"
        return event.occurred_at + (_days(config) if is_delivered else _fallback(config))


def _which(config: Config) -> str:
    category, least = category_words(config), config.get("min_value")
    words = {"category": category, "amount": amount_words(least) if least else ""}
    if category and least:
        return _("an order from “%(category)s” worth at least %(amount)s") % words
    if category:
        return _("an order from “%(category)s”") % words
    return _("an order worth at least %(amount)s") % words if least else _("an order")


def _days(config: Config) -> timedelta:
    return timedelta(days=int(config.get("days", DAYS)))


def _fallback(config: Config) -> timedelta:
    return timedelta(days=int(config.get("fallback_days", FALLBACK_DAYS)))


def _least(config: Config) -> Decimal:
    return Decimal(config.get("min_value") or 0)


def _amount(given: Any) -> Decimal:
    """An amount of an event's data; 0 for what is none."""
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)


def _holds(data: Mapping[str, Any], category: str) -> bool:
    """Whether a line of the order stands in the category."""
    lines = data.get("lines")
    found = lines if isinstance(lines, list) else []
    return any(category in (line.get("category_ids") or ()) for line in found)


entries.register(OrderStatus())
