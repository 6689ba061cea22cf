"""The page of events that could not be processed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from events.drain import replay
from events.models import Event

PAGE = 50


@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    """Failed events, newest first, each with what went wrong."""
    events = Event.objects.filter(state=Event.State.FAILED).order_by("-pk")
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    return render(request, "events/failed.html", {"page": page})


@require_POST
def replay_failed(request: HttpRequest) -> HttpResponse:
    """Put the chosen events, or all that failed, back in line."""
    chosen = [
        int(each) for each in request.POST.getlist("ids") if each.isascii() and each.isdigit()
    ]
    if request.POST.get("all"):
        failed_ids = Event.objects.filter(state=Event.State.FAILED).order_by("pk")
        chosen = list(failed_ids.values_list("pk", flat=True)[:10_000])
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
