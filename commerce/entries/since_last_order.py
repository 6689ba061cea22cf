"""Somebody has not ordered for longer than they use to."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.entry_forms import backlog_field
from commerce.entry_sql import ORDER, VOID
from commerce.models import CustomerStats, ShopFigures
from contacts.models import Contact
from journeys.clock_fields import time_field, time_of
from journeys.contracts import Config, Scope, TimedEntry, entries
from journeys.moments import next_moment_sql, zone_join

STATS = CustomerStats._meta.db_table
# From so many orders on somebody's own interval says something.
OWN_FROM = 3
# So many customers with an interval make a median, as long as none has been computed.
ENOUGH = 20
# Orders of one week are one purchase in parts: nobody is missed sooner than after one.
LEAST = "7 days"

# What the shop's customers use to take, until the figures of the night are there.
MEDIAN = f"""
    (SELECT CASE WHEN EXISTS (SELECT 1 FROM {ShopFigures._meta.db_table})
                 THEN (SELECT median_interval FROM {ShopFigures._meta.db_table} LIMIT 1)
                 ELSE (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY interval)
                         FROM {STATS} WHERE interval IS NOT NULL
                       HAVING count(*) >= {ENOUGH}) END)"""
SELECT = f"""
    SELECT stats.contact_id, 'last:' || last.id, {{moment}},
           jsonb_build_object('last_order_at', stats.last_order_at, 'orders', stats.orders,
                              'order_id', last.id::text)
      FROM (SELECT GREATEST(COALESCE({MEDIAN} * %(factor)s::float8, %(days)s), '{LEAST}') AS gap)
               AS usual
     CROSS JOIN LATERAL (
        SELECT stats.*, usual.gap FROM {STATS} AS stats
         WHERE stats.orders BETWEEN 1 AND {OWN_FROM - 1}
           AND stats.last_order_at > %(since)s - usual.gap - interval '2 days'
           AND stats.last_order_at <= %(now)s - usual.gap
         UNION ALL
        SELECT stats.*, GREATEST(stats.interval * %(factor)s::float8, '{LEAST}')
          FROM {STATS} AS stats
         WHERE stats.orders >= {OWN_FROM}
           AND stats.last_order_at <= %(now)s - interval '{LEAST}'
           AND stats.last_order_at + GREATEST(stats.interval * %(factor)s::float8, '{LEAST}')
               BETWEEN %(since)s - interval '2 days' AND %(now)s
     ) AS stats
      JOIN {Contact._meta.db_table} AS contact ON contact.id = stats.contact_id
     {zone_join("contact")}
     CROSS JOIN LATERAL (
        SELECT o.id FROM {ORDER} AS o
         WHERE o.contact_id = stats.contact_id AND o.placed_at = stats.last_order_at
           AND o.status NOT IN ({VOID}) AND NOT o.is_deleted ORDER BY o.id LIMIT 1) AS last
     WHERE {{moment}} > %(since)s AND {{moment}} <= %(now)s""".format(
    moment=next_moment_sql("stats.last_order_at + stats.gap", "%(at)s")
)

# As it was: each order that was the last one when its moment came. The median is today's.
RECALLED = f"""
    SELECT bought.contact_id, 'last:' || bought.id, {{moment}},
           jsonb_build_object('last_order_at', bought.placed_at, 'orders', bought.orders,
                              'order_id', bought.id::text)
      FROM (SELECT o.contact_id, o.id, o.placed_at, row_number() OVER following AS orders,
                   lead(o.placed_at) OVER following AS next_at,
                   min(o.placed_at) OVER (PARTITION BY o.contact_id) AS first_at
              FROM {ORDER} AS o
             WHERE o.contact_id IS NOT NULL AND o.status NOT IN ({VOID}) AND NOT o.is_deleted
            WINDOW following AS (PARTITION BY o.contact_id ORDER BY o.placed_at, o.id DESC)
           ) AS bought
     CROSS JOIN LATERAL (
        SELECT GREATEST(CASE WHEN bought.orders >= {OWN_FROM}
                             THEN (bought.placed_at - bought.first_at) / (bought.orders - 1)
                                  * %(factor)s::float8
                             ELSE COALESCE({MEDIAN} * %(factor)s::float8, %(days)s) END,
                        '{LEAST}') AS gap) AS usual
      JOIN {Contact._meta.db_table} AS contact ON contact.id = bought.contact_id
     {zone_join("contact")}
     WHERE {{moment}} > %(since)s AND {{moment}} <= %(now)s
       AND (bought.next_at IS NULL OR bought.next_at > {{moment}})""".format(
    moment=next_moment_sql("bought.placed_at + usual.gap", "%(at)s")
)


class SinceForm(forms.Form):
    """How much longer than usual, and what holds for whom nothing is known of."""

    factor = forms.DecimalField(
        label=gettext_lazy("Times the usual gap"),
        min_value=1,
        max_value=10,
        decimal_places=2,
        initial="1.5",
        help_text=gettext_lazy(
            "Of people with three orders or more it is their own usual gap between orders, of all"
            " others the one in the middle of all your customers."
        ),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days, while the usual gap is not known"),
        min_value=7,
        max_value=3650,
        initial=90,
    )
    at = time_field()
    backlog = backlog_field()


class SinceLastOrder(TimedEntry):
    """Once per last order, at a time of day where the person is."""

    key = "since_last_order"
    label = gettext_lazy("Time since last order")
    icon = "calendar-clock"
    form = SinceForm
    # A median that gets smaller moves moments back.
    looks_back = timedelta(days=30)

    def example(self) -> Config:
        return {"factor": "1.5", "days": 90, "at": "09:00:00"}

    def summary(self, config: Config) -> str:
        words = {
            "factor": str(config.get("factor", "")),
            "days": config.get("days", ""),
            "time": str(config.get("at", ""))[:5],
        }
        return (
            _(
                "When the last order is %(factor)s times as long ago as they usually take, or"
                " %(days)s days while that is not known; at %(time)s, their time"
            )
            % words
        )

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return SELECT, {
            "factor": float(config["factor"]),
            "days": timedelta(days=int(config["days"])),
            "at": time_of(config),
        }

    def recall(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return RECALLED, self.select(config, scope)[1]

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        return scope.next_at(time_of(config))


entries.register(SinceLastOrder())
