"""Campaigns: the list, writing one, and looking at it once more before it leaves."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import launching, services
from campaigns.audience import STANDINGS, WILL_GET, head_counts, people_standing
from campaigns.campaign_forms import CampaignFields, TestFields, initial_of
from campaigns.models import Campaign
from campaigns.preflight import checks_before_sending
from campaigns.report import numbers_of, results_of
from campaigns.views.campaign_frame import frame, load_campaign, may_edit, row_of
from contacts.listing import page_of
from contacts.models import Contact
from contacts.naming import names_read_once
from core.errors import Invalid
from tenants.context import current_workspace
from tenants.models import Membership, User
from tenants.pages import for_role

PAGE_SIZE = 50
OFFERED = 20


def _zone() -> ZoneInfo:
    return ZoneInfo(current_workspace("Campaigns").timezone)


@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    """All campaigns, newest first, each with its figures: ?before= goes on."""
    found = Campaign.objects.select_related("template").defer("template__body").order_by("-id")
    before = _uuid(request.GET.get("before", ""))
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE_SIZE + 1])
    shown, more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    started = [each.pk for each in shown if each.started_at]
    numbers, results = numbers_of(started), results_of(started)
    with names_read_once():
        lines = [row_of(each, numbers.get(each.pk), results) for each in shown]
    context = {
        "rows": lines,
        "results": [each for each, _found in results],
        "next_url": "?" + urlencode({"before": shown[-1].pk}) if more else "",
        "previous_url": reverse("campaigns:campaigns") if before else "",
        "may_edit": may_edit(request),
    }
    return render(request, "campaigns/campaign_list.html", context)


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    """Choose the mail, for whom and when; it is a draft until it is sent."""
    initial = {"template": request.GET.get("template", "")}
    return _form(request, None, initial)


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Change a draft."""
    campaign = load_campaign(campaign_id)
    if campaign.status != Campaign.Status.DRAFT:
        messages.warning(request, launching.WrongState(campaign).message)
        return redirect("campaigns:campaign", campaign.pk)
    return _form(request, campaign, initial_of(campaign, _zone()))


def _form(request: HttpRequest, campaign: Campaign | None, initial: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    fields = CampaignFields(request.POST or None, initial=initial, zone=_zone(), now=now)
    if request.method == "POST" and fields.is_valid():
        try:
            saved = launching.save_campaign(
                draft=fields.draft(),
                now=now,
                campaign_id=campaign.pk if campaign else None,
                by=cast(User, request.user),
            )
        except Invalid as refusal:
            for words in [each.message for each in refusal.problems] or [refusal.message]:
                fields.add_error(None, str(words))
        else:
            return redirect("campaigns:campaign", saved.pk)
    context = {"fields": fields, "campaign": campaign, "zone": _zone().key}
    status = 422 if fields.errors else 200
    return render(request, "campaigns/campaign_form.html", context, status=status)


def review(request: HttpRequest, campaign: Campaign, status: int = 200) -> HttpResponse:
    """The draft as it would leave: the mail, the head count with reasons, what is missing."""
    now = timezone.now()
    counts = head_counts(campaign, now)
    context = {
        **frame(request, campaign),
        "counts": _standings(campaign, counts),
        "audience_size": sum(counts.values()),
        "reach": counts[WILL_GET] + counts["frequency_cap"],
        "checks": checks_before_sending(campaign, counts, now),
        "test": TestFields(
            initial={"to": cast(User, request.user).email}, people=_offered(campaign, now)
        ),
        "contact": request.GET.get("contact", ""),
    }
    context["is_ready"] = all(check.tone != "bad" for check in context["checks"])
    return render(request, "campaigns/campaign_review.html", context, status=status)


def _standings(campaign: Campaign, counts: dict[str, int]) -> list[dict[str, Any]]:
    base = reverse("campaigns:campaign_audience", args=[campaign.pk])
    always = {WILL_GET}
    return [
        {
            "label": label,
            "count": counts[standing],
            "url": f"{base}?{urlencode({'standing': standing or 'ok'})}",
            "is_reach": standing == WILL_GET,
        }
        for standing, label in STANDINGS.items()
        if counts[standing] or standing in always
    ]


def _offered(campaign: Campaign, now: Any) -> list[tuple[str, str]]:
    """Some people of the audience, to fill a test or the preview in for."""
    people = people_standing(campaign, WILL_GET, now).order_by("-created_at")[:OFFERED]
    return [(str(each.pk), each.name) for each in people]


@require_safe
def campaign_audience(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The people behind a number of the head count: ?standing=, ok for those who will get it."""
    campaign = load_campaign(campaign_id)
    asked = request.GET.get("standing", "")
    standing = WILL_GET if asked == "ok" else asked or None
    if standing is not None and standing not in STANDINGS:
        raise Http404
    people = people_standing(campaign, standing, timezone.now())
    page = page_of(
        cast(Any, people),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    kept = {"standing": asked} if asked else {}
    context = {
        **frame(request, campaign),
        "heading": _("Whole audience") if standing is None else STANDINGS[standing],
        "total": people.count(),
        "rows": [(each, STANDINGS[cast(Any, each).standing]) for each in page.contacts],
        "next_url": "?" + urlencode({**kept, "after": page.next}) if page.next else "",
        "previous_url": "?" + urlencode({**kept, "before": page.previous}) if page.previous else "",
    }
    return render(request, "campaigns/campaign_audience.html", context)


@require_POST
def campaign_test(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Send the mail to one address, filled in for somebody of the audience or invented."""
    campaign = load_campaign(campaign_id)
    contact = _uuid(request.POST.get("contact", ""))
    if contact:
        contact = get_object_or_404(Contact, pk=contact).pk
    to = request.POST.get("to", "")
    try:
        services.send_test(
            template=campaign.template, to=to, contact_id=contact, now=timezone.now()
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("A test is on its way to %(to)s.") % {"to": to})
    return redirect("campaigns:campaign", campaign.pk)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
