"""Pausing, resuming, archiving, restoring and renaming, each asked about first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.errors import Invalid
from journeys import services
from journeys.forms import NameForm
from journeys.models import Enrolment, Journey
from journeys.numbers import INSIDE, TREATED
from journeys.views.frame import frame, load_journey
from tenants.models import Membership
from tenants.pages import for_role

ASKS = ["GET", "HEAD", "POST"]


def _inside(journey: Journey) -> list[Mapping[str, Any]]:
    """How many people are inside, by version."""
    runs = Enrolment.objects.filter(TREATED & INSIDE, journey=journey)
    by_version = runs.values("version__number").annotate(people=Count("pk"))
    return list(by_version.order_by("version__number"))


@dataclass(frozen=True)
class Act:
    """Something done to a whole journey once the owner has agreed."""

    title: str | Promise
    text: str | Promise
    button: str | Promise
    kind: str
    service: Callable[..., Any]
    # What is said afterwards; `n` is how many people it concerned.
    done: Callable[[int], str]


ACTS = {
    "pause": Act(
        gettext_lazy("Pause “%(name)s”?"),
        gettext_lazy(
            "Everyone inside stays where they are and gets nothing more, and nobody new comes in. "
            "When you resume, they go on from there."
        ),
        gettext_lazy("Pause"),
        "pri",
        services.pause_journey,
        lambda n: ngettext("Paused: %(n)s person held.", "Paused: %(n)s people held.", n),
    ),
    "resume": Act(
        gettext_lazy("Resume “%(name)s”?"),
        gettext_lazy(
            "Everyone goes on where they were held. Whatever fell due meanwhile happens now, once."
        ),
        gettext_lazy("Resume"),
        "pri",
        services.resume_journey,
        lambda n: ngettext("Live: %(n)s person goes on.", "Live: %(n)s people go on.", n),
    ),
    "archive": Act(
        gettext_lazy("Archive “%(name)s”?"),
        gettext_lazy(
            "It ends for everyone inside, and nobody comes in any more. Its figures stay, and you "
            "can bring it back as a draft."
        ),
        gettext_lazy("Archive"),
        "danger-solid",
        services.archive_journey,
        lambda n: ngettext("Archived, %(n)s person out.", "Archived, %(n)s people out.", n),
    ),
    "restore": Act(
        gettext_lazy("Bring back “%(name)s”?"),
        gettext_lazy("It comes back as a draft. Nobody enters until you publish it."),
        gettext_lazy("Bring back"),
        "pri",
        services.restore_journey,
        lambda _n: _("Back as a draft."),
    ),
}


@for_role(Membership.Role.EDITOR)
@require_http_methods(ASKS)
def act(request: HttpRequest, journey_id: UUID, name: str) -> HttpResponse:
    """Ask, then do one of `ACTS`."""
    journey, chosen = load_journey(journey_id), ACTS[name]
    refusal = ""
    if request.method == "POST":
        try:
            count = chosen.service(journey=journey, now=timezone.now()) or 0
        except Invalid as refused:
            refusal = refused.message
        else:
            messages.success(request, chosen.done(count) % {"n": count})
            return redirect(reverse("journeys:list") if name == "archive" else _home(journey))
    context = {
        **frame(request, journey, mode=name),
        "title": chosen.title % {"name": journey.name},
        "text": chosen.text,
        "button": chosen.button,
        "kind": chosen.kind,
        "refusal": refusal,
        "inside": _inside(journey),
        "back": _home(journey),
    }
    return render(request, "journeys/confirm.html", context, status=422 if refusal else 200)


def _home(journey: Journey) -> str:
    """The address of the journey's own page."""
    name = "journeys:report" if journey.live_version_id else "journeys:draft"
    return reverse(name, args=[journey.pk])


@for_role(Membership.Role.EDITOR)
@require_http_methods(ASKS)
def rename(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Another name and description."""
    journey = load_journey(journey_id)
    form = NameForm(
        request.POST or None,
        initial={"name": journey.name, "description": journey.description},
    )
    if request.method == "POST" and form.is_valid():
        services.rename_journey(journey=journey, now=timezone.now(), **form.cleaned_data)
        return redirect(_home(journey))
    context = {
        **frame(request, journey, mode="rename"),
        "form": form,
        "back": _home(journey),
    }
    return render(request, "journeys/rename.html", context, status=422 if form.errors else 200)
