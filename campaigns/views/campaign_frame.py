"""What every page of a campaign shows around its content."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from campaigns.audience import audience_words
from campaigns.contracts import MessageResult, Result
from campaigns.models import Campaign
from campaigns.report import rate
from core.charts import localized
from core.money import money
from tenants.models import Membership

TONES = {
    Campaign.Status.DRAFT: ("", ""),
    Campaign.Status.SCHEDULED: ("info", "on"),
    Campaign.Status.QUEUEING: ("info", "live"),
    Campaign.Status.SENDING: ("info", "live"),
    Campaign.Status.PAUSED: ("warn", "on"),
    Campaign.Status.CANCELLED: ("line", ""),
    Campaign.Status.SENT: ("ok", "on"),
}


def may_edit(request: HttpRequest) -> bool:
    """Whether the reader may change things here."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    return membership.may(Membership.Role.EDITOR)


def load_campaign(campaign_id: UUID) -> Campaign:
    """The campaign with its mail; 404 when there is none here."""
    found = Campaign.objects.select_related("template__live_version", "template_version")
    return get_object_or_404(found, pk=campaign_id)


def chip_of(campaign: Campaign) -> dict[str, str]:
    """Its state in a word."""
    tone, dot = TONES[Campaign.Status(campaign.status)]
    return {"text": str(campaign.get_status_display()), "tone": tone, "dot": dot}


def frame(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """The campaign in words, and whether the reader may change it."""
    return {
        "campaign": campaign,
        "chip": chip_of(campaign),
        "audience_words": audience_words(campaign),
        "when_words": when_words(campaign),
        "may_edit": may_edit(request),
        "active": "campaigns",
    }


def when_words(campaign: Campaign) -> str:
    """When it leaves or left, in the zone its time was written in."""
    zone = ZoneInfo(campaign.send_zone)
    if campaign.started_at:
        return written(campaign.started_at, zone)
    if campaign.send_at:
        return written(campaign.send_at, zone)
    return _("As soon as you say so")


def written(moment: datetime, zone: ZoneInfo) -> str:
    """A moment with its zone: "Fri 27 Nov 2026, 09:00 (Europe/Rome)"."""
    local = moment.astimezone(zone)
    return f"{date_format(local, 'D j M Y, H:i')} ({zone.key})"


def percent(share: float | None) -> str:
    """A share with one decimal; a dash where there is nothing to be a share of."""
    return "–" if share is None else f"{number_format(round(share * 100, 1), decimal_pos=1)}%"


def value_of(result: Result | None) -> str:
    """What it brought in, in words; a dash for nothing."""
    return money(result.value, result.currency) if result else "–"


def row_of(
    campaign: Campaign,
    numbers: Mapping[str, int] | None,
    results: Sequence[tuple[MessageResult, Mapping[UUID, Result]]],
) -> dict[str, Any]:
    """A line of the list; without numbers it never started."""
    row: dict[str, Any] = {
        "campaign": campaign,
        "chip": chip_of(campaign),
        "audience": audience_words(campaign),
        "when": when_words(campaign) if campaign.started_at or campaign.send_at else "",
        "results": [found.get(campaign.pk) for _each, found in results],
    }
    if numbers is None:
        return row
    known = dict(numbers)
    row["sent"] = localized(known["sent"])
    row["rates"] = [
        (name, localized(known[name]), percent(rate(known, name))) for name in ("opened", "clicked")
    ]
    row["results"] = [
        {"orders": localized(found.orders) if found else "0", "value": value_of(found)}
        for found in (by_id.get(campaign.pk) for _each, by_id in results)
    ]
    return row
