"""Somebody has not been seen for a while: no visit, no order, no click."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from contacts.models import Contact
from journeys.clock_fields import time_field, time_of
from journeys.contracts import Config, TimedEntry, entries
from journeys.moments import Scope, next_moment_sql, zone_join

MOMENT = next_moment_sql("contact.last_seen_at + %(gap)s", "%(at)s")
SELECT = f"""
    SELECT contact.id, to_char(contact.last_seen_at AT TIME ZONE zone.name, 'YYYY-MM-DD'),
           {MOMENT}, jsonb_build_object('last_seen_at', contact.last_seen_at)
      FROM {Contact._meta.db_table} AS contact {zone_join("contact")}
     WHERE contact.last_seen_at > %(since)s - %(gap)s - interval '2 days'
       AND contact.last_seen_at <= %(now)s - %(gap)s
       AND {MOMENT} > %(since)s AND {MOMENT} <= %(now)s"""


class NotSeenForm(forms.Form):
    """How long, and at what time of day."""

    days = forms.IntegerField(
        label=gettext_lazy("Days without a sign of life"), min_value=1, max_value=3650, initial=60
    )
    at = time_field()
    backlog = forms.BooleanField(
        label=gettext_lazy("Include those who were last seen longer ago than that"),
        required=False,
    )


class NotSeen(TimedEntry):
    """Once per day somebody was last seen on; who was never seen does not come in."""

    key = "not_seen"
    label = gettext_lazy("Not seen for a while")
    icon = "eye-off"
    form = NotSeenForm
    # Another time zone moves the hour.
    looks_back = timedelta(days=1)

    def example(self) -> Config:
        return {"days": 60, "at": "09:00:00"}

    def summary(self, config: Config) -> str:
        days = int(config["days"])
        words = ngettext(
            "When somebody was not seen for a day; at %(time)s, their time",
            "When somebody was not seen for %(days)s days; at %(time)s, their time",
            days,
        )
        return words % {"days": days, "time": str(config.get("at", ""))[:5]}

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return SELECT, {"gap": timedelta(days=int(config["days"])), "at": time_of(config)}

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        return scope.next_at(time_of(config))


entries.register(NotSeen())
