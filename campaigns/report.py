"""What became of campaigns: figures counted from their messages, and the people behind each.

Formulas: delivered = sent - bounced; open rate = openers / delivered; click rate = clickers /
delivered; bounce rate = bounced / sent; unsubscribe and complaint rate = count / delivered. Only
what people did counts, never a scanner or a privacy proxy.
    recipients = sent + skipped + failed + in doubt + waiting
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns.contracts import MessageResult, Result, message_results
from campaigns.forms import WAITING
from campaigns.models import Campaign, Message

Status = Message.Status
SENT = Q(sent_at__isnull=False)
FIGURES: dict[str, Q] = {
    "recipients": Q(),
    "waiting": Q(status__in=WAITING),
    "sent": SENT,
    "delivered": SENT & ~Q(status=Status.BOUNCED),
    "bounced": Q(status=Status.BOUNCED),
    "opened": Q(opened_at__isnull=False),
    "machine_opened": Q(machine_opened_at__isnull=False, opened_at__isnull=True),
    "clicked": Q(clicked_at__isnull=False),
    "unsubscribed": Q(unsubscribed_at__isnull=False),
    "complained": Q(status=Status.COMPLAINED),
    "skipped": Q(status=Status.SKIPPED),
    "failed": Q(status=Status.FAILED),
    "in_doubt": Q(status=Status.IN_DOUBT),
}
LABELS: dict[str, str | Promise] = {
    "recipients": gettext_lazy("Recipients"),
    "waiting": gettext_lazy("Waiting"),
    "sent": gettext_lazy("Sent"),
    "delivered": gettext_lazy("Delivered"),
    "bounced": gettext_lazy("Bounced"),
    "opened": gettext_lazy("Opened"),
    "machine_opened": gettext_lazy("Opened by machines only"),
    "clicked": gettext_lazy("Clicked"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "complained": gettext_lazy("Marked as spam"),
    "skipped": gettext_lazy("Not sent"),
    "failed": gettext_lazy("Failed"),
    "in_doubt": gettext_lazy("In doubt"),
}
# What each figure is a share of.
SHARE_OF = {
    "sent": "recipients",
    "delivered": "sent",
    "bounced": "sent",
    "opened": "delivered",
    "machine_opened": "delivered",
    "clicked": "delivered",
    "unsubscribed": "delivered",
    "complained": "delivered",
}


def numbers_of(campaign_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Every figure of each campaign, by the names of FIGURES; one statement."""
    found = {campaign_id: dict.fromkeys(FIGURES, 0) for campaign_id in campaign_ids}
    counts = [Count("pk", filter=q) for q in FIGURES.values()]
    rows = Message.objects.filter(campaign_id__in=campaign_ids).order_by().values("campaign_id")
    # Each count is named by its place: its own name might be that of a column.
    named = {f"figure_{number}": count for number, count in enumerate(counts)}
    for campaign_id, *figures in rows.annotate(**named).values_list("campaign_id", *named):
        found[campaign_id] = dict(zip(FIGURES, figures, strict=True))
    return found


def rate(numbers: dict[str, int], name: str) -> float | None:
    """A figure as a share of what it is measured against, 0 to 1; None where there is nothing."""
    whole = numbers[SHARE_OF[name]]
    return numbers[name] / whole if whole else None


@dataclass(frozen=True)
class Reason:
    """So many messages stand in this status for this reason."""

    status: str
    code: str
    text: str
    count: int


def reasons_of(campaign_id: UUID) -> list[Reason]:
    """Why messages were not sent, failed or wait; most frequent first, one statement.

    Where a mail server gave its own words they differ from row to row: the first stand for all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT status, reason, min(reason_text), count(*) FROM {Message._meta.db_table}"
            " WHERE campaign_id = %s AND reason <> '' AND status = ANY(%s)"
            " GROUP BY status, reason ORDER BY count(*) DESC, status, reason",
            [campaign_id, [Status.SKIPPED, Status.FAILED, Status.IN_DOUBT, *WAITING]],
        )
        return [Reason(*row) for row in cursor.fetchall()]


CLICKS = f"""
    SELECT DISTINCT (event.data ->> 'link')::int AS link, message.id
      FROM {Message._meta.db_table} AS message
      JOIN events_event AS event
        ON event.contact_id = message.contact_id AND event.type = 'message.clicked'
       AND event.data ->> 'message_id' = message.id::text
       AND event.data ->> 'machine' = 'false'
     WHERE message.campaign_id = %s AND message.clicked_at IS NOT NULL"""


@dataclass(frozen=True)
class LinkClicks:
    """How many people clicked one link; without an address it led each somewhere of their own."""

    index: int
    url: str
    people: int


def links_of(campaign: Campaign) -> list[LinkClicks]:
    """The mail's links with the people who clicked them, most clicked first."""
    version = campaign.template_version
    links: list[str] = version.compiled["links"] if version else []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT link, count(*) FROM ({CLICKS}) AS clicks GROUP BY link", [campaign.pk]
        )
        # A provider may tell of a click without saying on which link.
        clicked: dict[int, int] = {
            link: people for link, people in cursor.fetchall() if link is not None
        }
    known = range(max(len(links), 1 + max(clicked, default=-1)))
    found = [
        LinkClicks(index, links[index] if index < len(links) else "", clicked.get(index, 0))
        for index in known
        if index < len(links) or index in clicked
    ]
    return sorted(found, key=lambda each: (-each.people, each.index))


def messages_behind(
    campaign: Campaign, what: str, *, reason: str = "", link: int | None = None
) -> QuerySet[Message]:
    """Exactly the messages a figure counted, newest first; raises KeyError for an unknown one."""
    found = Message.objects.filter(campaign_id=campaign.pk)
    if what in message_results:
        buyers = message_results.get(what).people(campaign.pk)
        found = found.filter(contact_id__in=buyers)
    else:
        found = found.filter(FIGURES[what])
    if reason:
        found = found.filter(reason=reason)
    if link is not None:
        clicks = RawSQL(  # noqa: S611 - names of this code; the values are parameters
            f"SELECT id FROM ({CLICKS}) AS clicks WHERE link = %s", [campaign.pk, link]
        )
        found = found.filter(pk__in=clicks)
    return found.select_related("contact").defer("context", "destinations").order_by("-id")


def results_of(
    campaign_ids: Collection[UUID],
) -> list[tuple[MessageResult, dict[UUID, Result]]]:
    """What higher floors say campaigns brought in; nothing while none of them does."""
    return [(each, each.collect(campaign_ids)) for each in message_results] if campaign_ids else []
