"""A campaign on its way and afterwards: its figures, and the people behind each of them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns.contracts import message_results
from campaigns.listing import PAGE_SIZE
from campaigns.models import Campaign, Message
from campaigns.report import (
    FIGURES,
    LABELS,
    SHARE_OF,
    Reason,
    links_of,
    messages_behind,
    numbers_of,
    rate,
    reasons_of,
    results_of,
)
from campaigns.views.campaign_frame import frame, load_campaign, percent, value_of
from campaigns.views.campaigns import review
from contacts.send_guards import guards
from core.charts import localized

Status = Campaign.Status
BEFORE = {Status.DRAFT, Status.SCHEDULED}
MOVING = {Status.QUEUEING, Status.SENDING}
ALWAYS = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed")
HEADLINES = ("delivered", "opened", "clicked", "unsubscribed")
# Reasons that are no guard's.
REASONS = {
    "no_address": gettext_lazy("No address"),
    "refused": gettext_lazy("Refused by the mail server"),
    "attempts_used_up": gettext_lazy("Refused again and again"),
    "cut_off": gettext_lazy("The line was cut"),
    "asked_again": gettext_lazy("The line was cut; asked again"),
    "not_tried": gettext_lazy("Mail server away"),
    "provider_resting": gettext_lazy("Mail server away"),
    "rate_limit": gettext_lazy("Sending rate reached"),
    "bad_sender": gettext_lazy("Sender address refused"),
}
OUTCOMES = ("sent", "skipped", "failed", "in_doubt", "waiting")


@require_safe
def campaign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """What it will be before it leaves; what it is and was from then on."""
    found = load_campaign(campaign_id)
    if found.status in BEFORE:
        return review(request, found)
    return render(request, "campaigns/campaign_report.html", _report(request, found))


@require_safe
def campaign_progress(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The report's inside, asked for again and again while the campaign moves."""
    found = load_campaign(campaign_id)
    if found.status in BEFORE:
        raise Http404
    return render(request, "campaigns/_campaign_report.html", _report(request, found))


def _report(request: HttpRequest, found: Campaign) -> dict[str, Any]:
    numbers = numbers_of([found.pk])[found.pk]
    url = people_url(found)
    recipients = numbers["recipients"]
    return {
        **frame(request, found),
        "is_moving": found.status in MOVING,
        "recipients": localized(recipients),
        "recipients_url": url("recipients"),
        "settled": recipients - numbers["waiting"],
        "whole": recipients,
        "outcomes": [
            {"label": LABELS[name], "count": localized(numbers[name]), "url": url(name)}
            for name in OUTCOMES
            if numbers[name] or name == "sent"
        ],
        "headlines": [_figure(numbers, name, url) for name in HEADLINES],
        "figures": [
            _figure(numbers, name, url)
            for name in FIGURES
            if name in SHARE_OF and (numbers[name] or name in ALWAYS)
        ],
        "results": _results(found, url),
        "reasons": [_reason(each, url) for each in reasons_of(found.pk)],
        "links": [
            {
                "url": each.url,
                "index": each.index,
                "people": localized(each.people),
                "share": percent(each.people / numbers["clicked"] if numbers["clicked"] else None),
                "list_url": url("clicked", link=each.index),
            }
            for each in links_of(found)
        ],
    }


def people_url(found: Campaign) -> Any:
    """Where the people behind a figure are."""
    base = reverse("campaigns:campaign_people", args=[found.pk])

    def url(what: str, **narrowed: Any) -> str:
        return f"{base}?{urlencode({'what': what, **narrowed})}"

    return url


def _figure(numbers: dict[str, int], name: str, url: Any) -> dict[str, Any]:
    share = rate(numbers, name)
    return {
        "label": LABELS[name],
        "count": localized(numbers[name]),
        "share": percent(share),
        "percent": (share or 0) * 100,
        "of": LABELS[SHARE_OF[name]],
        "url": url(name),
    }


def _results(found: Campaign, url: Any) -> list[dict[str, Any]]:
    return [
        {
            "label": each.label,
            "orders": localized(result.orders) if (result := by_id.get(found.pk)) else "0",
            "value": value_of(result),
            "url": url(each.key),
        }
        for each, by_id in results_of([found.pk])
    ]


def _reason(reason: Reason, url: Any) -> dict[str, Any]:
    return {
        "label": _label_of(reason.code) or Message.Status(reason.status).label,
        "status": Message.Status(reason.status).label,
        "text": reason.text,
        "count": localized(reason.count),
        "url": url(_figure_of(reason.status), reason=reason.code),
    }


def _label_of(code: str) -> str:
    """A reason in two words: a guard's, or one of the sender's own; "" for one nobody named."""
    return str(guards.get(code).label if code in guards else REASONS.get(code, ""))


def _figure_of(status: str) -> str:
    return status if status in FIGURES else "waiting"


@require_safe
def campaign_people(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Exactly those a figure counted: ?what=, ?reason=, ?link=, ?before=."""
    found = load_campaign(campaign_id)
    what = request.GET.get("what", "recipients")[:40]
    reason, link = request.GET.get("reason", "")[:40], _number(request.GET.get("link", ""))
    try:
        behind = messages_behind(found, what, reason=reason, link=link)
    except KeyError:
        raise Http404 from None
    before = _uuid(request.GET.get("before", ""))
    rows = list((behind.filter(pk__lt=before) if before else behind)[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    kept = {"what": what, "reason": reason, "link": "" if link is None else link}
    kept = {name: value for name, value in kept.items() if value != ""}
    context = {
        **frame(request, found),
        "heading": _heading(what),
        "narrowed": _narrowed(found, reason, link),
        "total": behind.count(),
        "rows": shown,
        "next_url": "?" + urlencode({**kept, "before": shown[-1].pk})
        if len(rows) > PAGE_SIZE
        else "",
        "previous_url": "?" + urlencode(kept) if before else "",
    }
    return render(request, "campaigns/campaign_people.html", context)


def _heading(what: str) -> str:
    return str(message_results.get(what).label if what in message_results else LABELS[what])


def _narrowed(found: Campaign, reason: str, link: int | None) -> str:
    if link is not None:
        links = found.template_version.compiled["links"] if found.template_version else []
        return links[link] if link < len(links) else _("A link of each person's own")
    return _label_of(reason) or reason


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
