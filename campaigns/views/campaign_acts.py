"""What is done to a whole campaign: send, pause, resume, cancel, copy, delete."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import launching
from campaigns.models import Campaign
from campaigns.views.campaign_frame import frame, load_campaign, when_words
from core.errors import Invalid
from tenants.models import Membership, User
from tenants.pages import for_role


@require_POST
def campaign_send(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Start it, or schedule it where it has a time; what stands against it is shown."""

    def done(campaign: Campaign) -> str:
        if campaign.status == Campaign.Status.SCHEDULED:
            return _("It leaves on %(when)s.") % {"when": when_words(campaign)}
        return _("It is on its way.")

    return _act(request, campaign_id, launching.launch_campaign, done)


@require_POST
def campaign_unschedule(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Make a scheduled campaign a draft again."""
    said = _("It is a draft again and leaves only when you say so.")
    return _act(request, campaign_id, launching.unschedule_campaign, lambda _campaign: said)


@require_POST
def campaign_pause(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Hold what has not left."""

    def done(held: int) -> str:
        words = ngettext("Paused: %(n)s message waits.", "Paused: %(n)s messages wait.", held)
        return words % {"n": held}

    return _act(request, campaign_id, launching.pause_campaign, done)


@require_POST
def campaign_resume(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Go on with the rest."""
    said = _("It goes on with those who do not have it yet.")
    return _act(request, campaign_id, launching.resume_campaign, lambda _let_go: said)


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_cancel(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Stop it for good, once that was asked."""
    if request.method != "POST":
        return _ask(
            request,
            campaign_id,
            title=_("Cancel “%(name)s”?"),
            text=_("Whoever does not have it yet will not get it. This cannot be undone."),
            button=_("Cancel the campaign"),
        )

    def done(dropped: int) -> str:
        words = ngettext(
            "Cancelled: %(n)s message was not sent.",
            "Cancelled: %(n)s messages were not sent.",
            dropped,
        )
        return words % {"n": dropped}

    return _act(request, campaign_id, launching.cancel_campaign, done)


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_delete(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Throw a draft away, once that was asked."""
    if request.method != "POST":
        return _ask(
            request,
            campaign_id,
            title=_("Delete “%(name)s”?"),
            text=_("The draft is thrown away; its mail stays among the templates."),
            button=_("Delete the draft"),
        )
    campaign = load_campaign(campaign_id)
    try:
        launching.delete_campaign(campaign_id=campaign.pk)
    except Invalid as refusal:
        messages.error(request, refusal.message)
        return redirect("campaigns:campaign", campaign.pk)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": campaign.name})
    return redirect("campaigns:campaigns")


@require_POST
def campaign_duplicate(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """A draft like it."""
    campaign = load_campaign(campaign_id)
    copy = launching.duplicate_campaign(
        campaign_id=campaign.pk, now=timezone.now(), by=cast(User, request.user)
    )
    messages.success(request, _("This is a copy, still a draft."))
    return redirect("campaigns:campaign_edit", copy.pk)


def _act(
    request: HttpRequest,
    campaign_id: UUID,
    service: Callable[..., Any],
    done: Callable[[Any], str],
) -> HttpResponse:
    """Do it and say so; a refusal is said with all that stands against it."""
    campaign = load_campaign(campaign_id)
    now: datetime = timezone.now()
    try:
        result = service(campaign_id=campaign.pk, now=now)
    except Invalid as refusal:
        for text in [problem.message for problem in refusal.problems] or [refusal.message]:
            messages.error(request, text)
    else:
        messages.success(request, done(result))
    return redirect("campaigns:campaign", campaign.pk)


def _ask(
    request: HttpRequest, campaign_id: UUID, *, title: str, text: str, button: str
) -> HttpResponse:
    campaign = load_campaign(campaign_id)
    context = {
        **frame(request, campaign),
        "title": title % {"name": campaign.name},
        "text": text,
        "button": button,
    }
    return render(request, "campaigns/campaign_confirm.html", context)
