"""So many days, months or years after something was bought."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.entry_forms import (
    amount_field,
    amount_words,
    backlog_field,
    category_field,
    category_problems,
    category_words,
)
from commerce.entry_sql import ORDER, ORDER_LINE, PRODUCT, in_category, line_json
from contacts.models import Contact
from core.errors import Problem
from journeys.clock_fields import time_field, time_of
from journeys.contracts import Config, Scope, TimedEntry, entries
from journeys.moments import moment_sql, zone_join

UNITS = {
    "days": gettext_lazy("days"),
    "months": gettext_lazy("months"),
    "years": gettext_lazy("years"),
}
# How far the moment may lie from the purchase and its age: a day has its hour and its zone, and
# the last day of a month or of February comes earlier.
SLACK = {"days": timedelta(days=2), "months": timedelta(days=5), "years": timedelta(days=3)}

SELECT = f"""
    SELECT line.contact_id, line.id::text, {{moment}},
           {line_json("line", "line.value")} || jsonb_build_object(
               'order_id', line.order_id::text, 'number', placed.number,
               'placed_at', line.placed_at)
      FROM {ORDER_LINE} AS line
      JOIN {ORDER} AS placed ON placed.id = line.order_id
      JOIN {Contact._meta.db_table} AS contact ON contact.id = line.contact_id
      LEFT JOIN {PRODUCT} AS product ON product.id = line.product_id
     {zone_join("contact")}
     WHERE line.counts
       AND line.placed_at > %(since)s::timestamptz - %(age)s::interval - %(slack)s
       AND line.placed_at <= %(now)s::timestamptz - %(age)s::interval + %(slack)s
       AND line.value >= %(min_value)s {{below}} {{chosen}}
       AND {{moment}} > %(since)s AND {{moment}} <= %(now)s"""
MOMENT = moment_sql("(line.placed_at AT TIME ZONE zone.name)::date + %(age)s::interval", "%(at)s")


class LineForm(forms.Form):
    """How old the purchase is, and what was bought."""

    amount = forms.IntegerField(label=gettext_lazy("How long after"), min_value=1, max_value=3650)
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=list(UNITS.items()), initial="months"
    )
    at = time_field()
    category = category_field()
    min_value = amount_field(
        gettext_lazy("Line worth at least"), gettext_lazy("In your main currency.")
    )
    max_value = amount_field(
        gettext_lazy("And less than"),
        gettext_lazy("So that a band ends where the next one begins."),
    )
    backlog = backlog_field()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("min_value"), cleaned.get("max_value")
        if least is not None and most is not None and most <= least:
            self.add_error("max_value", _("Give an amount above the one it begins with."))
        if cleaned.get("unit") == "years" and (cleaned.get("amount") or 0) > 50:
            self.add_error("amount", _("Give at most 50 years."))
        return cleaned


class OrderLineDate(TimedEntry):
    """Once per line of an order, on the day, at a time of day where the person is.

    A day that a month does not have is its last one.
    """

    key = "order_line_date"
    label = gettext_lazy("Some time after a purchase")
    icon = "calendar-days"
    form = LineForm
    # Somebody whose time zone changes.
    looks_back = timedelta(days=2)

    def example(self) -> Config:
        return {"amount": 6, "unit": "years", "at": "09:00:00", "min_value": "500"}

    def summary(self, config: Config) -> str:
        words = {
            "age": _age_words(config),
            "thing": _thing(config),
            "time": str(config.get("at", ""))[:5],
        }
        return _("%(age)s after buying %(thing)s, at %(time)s, their time") % words

    def problems(self, config: Config) -> list[Problem]:
        return category_problems(config)

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        below = "AND line.value < %(max_value)s" if config.get("max_value") else ""
        statement = SELECT.format(
            moment=MOMENT, below=below, chosen=in_category("line.product_id", config)
        )
        return statement, {
            "age": f"{int(config['amount'])} {config['unit']}",
            "slack": SLACK[str(config["unit"])],
            "at": time_of(config),
            "category": config.get("category"),
            "min_value": Decimal(config.get("min_value") or 0),
            "max_value": Decimal(config.get("max_value") or 0),
        }

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        return scope.next_at(time_of(config))


def _age_words(config: Config) -> str:
    amount = int(config.get("amount") or 0)
    return {
        "days": ngettext("%(n)s day", "%(n)s days", amount),
        "months": ngettext("%(n)s month", "%(n)s months", amount),
        "years": ngettext("%(n)s year", "%(n)s years", amount),
    }[str(config.get("unit"))] % {"n": amount}


def _thing(config: Config) -> str:
    category = category_words(config)
    thing = _("something from “%(category)s”") % {"category": category} if category else ""
    least, most = config.get("min_value"), config.get("max_value")
    words = {
        "thing": thing or _("something"),
        "least": amount_words(least) if least else "",
        "most": amount_words(most) if most else "",
    }
    if least and most:
        return _("%(thing)s for %(least)s or more, and less than %(most)s") % words
    if least:
        return _("%(thing)s for %(least)s or more") % words
    return _("%(thing)s for less than %(most)s") % words if most else words["thing"]


entries.register(OrderLineDate())
