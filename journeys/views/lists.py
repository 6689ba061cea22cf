"""All journeys, and the ways to begin a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import charts
from core.errors import Invalid
from journeys import services
from journeys.contracts import Earned, Recipe, recipes
from journeys.figures import conversion, earned_totals, sent_totals, share
from journeys.forms import NameForm
from journeys.models import Journey
from journeys.numbers import JourneyNumbers, journey_numbers
from journeys.tree import percent
from journeys.views.frame import may_edit, status_chip

ORDER = {"live": 0, "paused": 1, "draft": 2, "archived": 3}


@require_safe
def journey_list(request: HttpRequest) -> HttpResponse:
    """Every journey with its figures; archived ones on a view of their own."""
    archived = request.GET.get("show") == "archived"
    status = Journey.Status.ARCHIVED
    every = Journey.objects.select_related("live_version").order_by("name")
    shown = [j for j in every if (j.status == status) == archived]
    shown.sort(key=lambda journey: ORDER[journey.status])
    ids = [journey.pk for journey in shown]
    numbers, sent, earned = journey_numbers(ids), sent_totals(ids), earned_totals(ids)
    rows = [
        _row(each, numbers[each.pk], sent.get(each.pk, 0), earned.get(each.pk)) for each in shown
    ]
    context = {
        "rows": rows,
        "archived": archived,
        "has_archived": any(journey.status == status for journey in every),
        "may_edit": may_edit(request),
    }
    return render(request, "journeys/list.html", context)


def _row(
    journey: Journey, numbers: JourneyNumbers, sent: int, earned: Earned | None
) -> dict[str, Any]:
    live = journey.live_version
    has_goal = bool(live and live.definition.get("goal"))
    return {
        "journey": journey,
        "chip": status_chip(journey),
        "numbers": numbers,
        "sent": sent,
        "earned": earned,
        "conversion": percent(conversion(numbers)) if has_goal else "",
        "progress": progress(numbers),
    }


def progress(numbers: JourneyNumbers) -> SafeString:
    """How many are through and how many on their way, as a bar."""
    inside = share(numbers.in_progress, numbers.started)
    done = min(share(numbers.completed + numbers.exited_early, numbers.started), 100 - inside)
    label = _("%(done)s%% done, %(inside)s%% in progress")
    words = label % {"done": round(done), "inside": round(inside)}
    return charts.stacked([done, inside], label=words, css="jprog")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Recipes to begin with, each with its reasons, and the blank journey."""
    context = {"recipes": shelf(), "form": NameForm(), "may_edit": may_edit(request)}
    return render(request, "journeys/new.html", context)


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """A blank draft with the name given."""
    form = NameForm(request.POST)
    if not form.is_valid():
        context = {"recipes": shelf(), "form": form, "may_edit": True}
        return render(request, "journeys/new.html", context, status=422)
    now = timezone.now()
    journey = services.create_journey(name=form.cleaned_data["name"], now=now)
    if form.cleaned_data["description"]:
        services.rename_journey(journey=journey, now=now, **form.cleaned_data)
    return redirect("journeys:draft", journey.pk)


@require_POST
def create_from_recipe(request: HttpRequest, key: str) -> HttpResponse:
    """A draft from a recipe, in the workspace's language; published at once where asked."""
    language = request.workspace.language  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        journey = services.create_from_recipe(key=key, language=language, now=now)
    except Invalid as refusal:
        context = {"recipes": shelf(), "form": NameForm(), "refusal": refusal.message}
        return render(request, "journeys/new.html", {**context, "may_edit": True}, status=422)
    if "publish" not in request.POST:
        return redirect("journeys:draft", journey.pk)
    try:
        services.publish_journey(journey=journey, by=request.user, now=now)  # type: ignore[arg-type]
    except Invalid as refusal:
        messages.error(request, refusal.message)
        return redirect("journeys:draft", journey.pk)
    messages.success(request, _("It is live. Everything below can be changed at any time."))
    return redirect("journeys:report", journey.pk)


def shelf() -> list[Recipe]:
    """The recipes as the gallery shows them."""
    return sorted(recipes, key=lambda recipe: (recipe.order, recipe.key))
