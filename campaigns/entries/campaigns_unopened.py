"""Somebody opened none of the last campaigns they received, and did nothing else meanwhile.

A streak is the campaigns received (sent, not bounced) since the person was last awake: since they
last opened or clicked any mail by themselves, came by, or ordered. Their moment is when the streak
has its Nth campaign and that one has lain unopened for some days; its key is the streak's first
message, so that each streak lets them in once, however long it grows.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Min
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Message
from contacts.models import Contact
from journeys.contracts import Config, Scope, TimedEntry, entries

DAYS = 3
# Campaigns leave message by message: looking this often gathers them.
EVERY = timedelta(minutes=15)
TABLE = Message._meta.db_table
RECEIVED = "campaign_id IS NOT NULL AND status <> 'bounced' AND sent_at <= %(now)s"
SELECT = f"""
    SELECT contact.id, 'since:' || streak.first, streak.nth + %(patience)s,
           jsonb_build_object('campaigns', %(last)s::int)
      FROM (SELECT DISTINCT contact_id FROM {TABLE}
             WHERE sent_at > %(since)s - %(patience)s AND sent_at <= %(now)s - %(patience)s
               AND contact_id IS NOT NULL AND {RECEIVED}) AS lately
      JOIN {Contact._meta.db_table} AS contact ON contact.id = lately.contact_id
     CROSS JOIN LATERAL (
           SELECT coalesce(greatest(max(opened_at), max(clicked_at), contact.last_seen_at),
                           '-infinity') AS at
             FROM {TABLE} WHERE contact_id = contact.id AND lane > 0) AS awake
     CROSS JOIN LATERAL (
           SELECT (array_agg(id ORDER BY sent_at, id))[1] AS first,
                  (array_agg(sent_at ORDER BY sent_at, id))[%(last)s] AS nth
             FROM (SELECT id, sent_at FROM {TABLE}
                    WHERE contact_id = contact.id AND sent_at > awake.at AND {RECEIVED}
                    ORDER BY sent_at, id LIMIT %(last)s) AS theirs) AS streak
     WHERE streak.nth > %(since)s - %(patience)s AND streak.nth <= %(now)s - %(patience)s"""


class CampaignsUnopenedForm(forms.Form):
    """How many, how long, and whether those count who fell asleep before."""

    last = forms.IntegerField(
        label=gettext_lazy("How many campaigns unopened"), min_value=1, max_value=50, initial=5
    )
    days = forms.IntegerField(
        label=gettext_lazy("How many days the newest may lie"),
        min_value=1,
        max_value=90,
        initial=DAYS,
        required=False,
    )
    backlog = forms.BooleanField(
        label=gettext_lazy("Also those who fell asleep before now"), required=False
    )


class CampaignsUnopened(TimedEntry):
    """Human opens and clicks only; a visit or an order wakes people too."""

    key = "campaigns_unopened"
    label = gettext_lazy("Campaigns left unopened")
    icon = "mail-question-mark"
    form = CampaignsUnopenedForm

    def example(self) -> Config:
        return {"last": 5, "days": DAYS, "backlog": False}

    def summary(self, config: Config) -> str:
        words = ngettext(
            "When the last campaign was left unopened",
            "When the last %(last)s campaigns were left unopened",
            config["last"],
        )
        return words % {"last": config["last"]}

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return SELECT, {"last": config["last"], "patience": _patience(config)}

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        """At the next quarter of an hour with somebody's moment in it.

        What is sent from now on has its moment after the patience, so that is soon enough.
        """
        patience = _patience(config)
        ahead = Message.objects.filter(
            campaign_id__isnull=False, sent_at__gt=scope.now - patience
        ).aggregate(at=Min("sent_at"))["at"]
        moment: datetime = (ahead or scope.now) + patience
        past = (moment - datetime.min.replace(tzinfo=UTC)) % EVERY
        return moment - past + EVERY if past else moment


def _patience(config: Config) -> timedelta:
    return timedelta(days=config.get("days") or DAYS)


entries.register(CampaignsUnopened())
