"""The pages of events and webhook calls that could not be processed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from events.contracts import inbound_kinds
from events.drain import replay
from events.inbound import replay_deliveries
from events.models import Event, InboundDelivery

PAGE = 50
REPLAY_ALL = 10_000


@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    """Failed events, newest first, each with what went wrong."""
    events = Event.objects.filter(state=Event.State.FAILED).order_by("-pk")
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "tabs": _tabs("events")}
    return render(request, "events/failed.html", context)


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Webhook calls that failed, or with `?state=ignored` were not used, newest first."""
    state = "ignored" if request.GET.get("state") == "ignored" else "failed"
    rows = InboundDelivery.objects.filter(state=state).defer("body", "headers").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    labels = {kind.key: kind.label for kind in inbound_kinds}
    context = {
        "page": page,
        "calls": [(call, labels.get(call.kind, call.kind)) for call in page],
        "state": state,
        "tabs": _tabs(state),
    }
    return render(request, "events/deliveries.html", context)


def _tabs(current: str) -> Sequence[dict[str, Any]]:
    calls = reverse("events:deliveries")
    found = [
        ("events", _("Events"), reverse("events:failed")),
        ("failed", _("Webhook calls"), calls),
        ("ignored", _("Calls not used"), f"{calls}?state=ignored"),
    ]
    return [{"label": label, "url": url, "current": key == current} for key, label, url in found]


@require_POST
def replay_failed(request: HttpRequest) -> HttpResponse:
    """Put the chosen events, or all that failed, back in line."""
    chosen = [
        int(each) for each in request.POST.getlist("ids") if each.isascii() and each.isdigit()
    ]
    if request.POST.get("all"):
        failed_ids = Event.objects.filter(state=Event.State.FAILED).order_by("pk")
        chosen = list(failed_ids.values_list("pk", flat=True)[:REPLAY_ALL])
    count = replay(event_ids=[each for each in chosen if each < 2**63], now=timezone.now())
    messages.success(
        request,
        ngettext(
            "%(count)s event will be processed again.",
            "%(count)s events will be processed again.",
            count,
        )
        % {"count": count},
    )
    return redirect("events:failed")


@require_POST
def delivery_replay(request: HttpRequest) -> HttpResponse:
    """Put the chosen webhook calls, or all that failed, back in line."""
    chosen = [one for each in request.POST.getlist("ids") if (one := _uuid(each))]
    if request.POST.get("all"):
        rows = InboundDelivery.objects.filter(state=InboundDelivery.State.FAILED).order_by("pk")
        chosen = list(rows.values_list("pk", flat=True)[:REPLAY_ALL])
    count = replay_deliveries(ids=chosen, now=timezone.now())
    sentence = ngettext(
        "%(count)s call will be read again.", "%(count)s calls will be read again.", count
    )
    messages.success(request, sentence % {"count": count})
    return redirect("events:deliveries")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
