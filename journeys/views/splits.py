"""Deciding an A/B test by hand."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import Invalid
from journeys.split_decisions import decide
from journeys.views.frame import load_journey
from tenants.models import Membership
from tenants.pages import for_role


@for_role(Membership.Role.EDITOR)
@require_POST
def choose(request: HttpRequest, journey_id: UUID, step_id: str) -> HttpResponse:
    """Send everybody into the variant `lane`; "" stops the test without a winner."""
    journey = load_journey(journey_id)
    try:
        decision = decide(
            journey=journey,
            step_id=step_id,
            lane=_lane(request.POST.get("lane", "")),
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    else:
        is_won = decision.lane is not None
        messages.success(
            request,
            _("Everybody who comes to the test goes there from now on.")
            if is_won
            else _("The test is stopped: chance goes on."),
        )
    report = reverse("journeys:report", args=[journey.pk])
    return redirect(f"{report}?{urlencode({'step': step_id})}")


def _lane(text: str) -> int | None:
    """The number of a variant, -1 for what is none, None for no variant."""
    if text == "":
        return None
    return int(text) if text.isdecimal() and len(text) < 3 else -1
