"""Publishing a draft: what it changes, who is inside, what becomes of them, now or later."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.charts import localized
from core.errors import Invalid, Problem
from core.htmx import page_or_partial
from journeys import scheduling, services
from journeys.changes_in_words import Change, changes_in_words, titles_of
from journeys.definition import Definition, diff, parse, walk
from journeys.models import Journey, JourneyVersion
from journeys.preview import Preview, preview
from journeys.publish_form import PublishForm
from journeys.validation import normalised
from journeys.views.frame import draft_of, frame, live_of, load_journey
from journeys.ways import zone_of
from tenants.models import Membership
from tenants.pages import for_role

ASKS = ["GET", "HEAD", "POST"]


@for_role(Membership.Role.EDITOR)
@require_http_methods(ASKS)
def publish(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """What publishing would change and what becomes of whom; problems stand against it."""
    journey = load_journey(journey_id)
    if request.method != "POST":
        form = PublishForm(request.GET or None, zone=zone_of(""))
        return _show(request, journey, form)
    form = PublishForm(request.POST, zone=zone_of(""))
    problems: list[Problem] = []
    if form.is_valid():
        try:
            return _publish(request, journey, form)
        except Invalid as refusal:
            problems = refusal.problems or [Problem(refusal.code, refusal.message)]
    return _show(request, journey, form, refused=problems, status=422)


def _publish(request: HttpRequest, journey: Journey, form: PublishForm) -> HttpResponse:
    """Do it, or plan it; raises Invalid."""
    now, at = timezone.now(), form.at()
    asked: dict[str, Any] = {
        "journey": journey,
        "now": now,
        "by": request.user,
        "moving": form.moving(),
        "revision": form.cleaned_data["revision"],
    }
    if at is not None:
        scheduling.plan_publishing(at=at, **asked)
        when = date_format(at, "DATETIME_FORMAT")
        messages.success(request, _("It will be published: %(when)s.") % {"when": when})
        return redirect("journeys:publish", journey.pk)
    version = services.publish_journey(**asked)
    words = _("“%(name)s” is live: version %(number)s.")
    messages.success(request, words % {"name": journey.name, "number": version.number})
    return redirect("journeys:versions" if asked["moving"] else "journeys:report", journey.pk)


@for_role(Membership.Role.EDITOR)
@require_POST
def unplan(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Do not publish at the set time."""
    journey = load_journey(journey_id)
    if scheduling.cancel_planned(journey=journey):
        messages.success(request, _("It will not be published by itself."))
    return redirect("journeys:publish", journey.pk)


# --- the page


def _show(
    request: HttpRequest,
    journey: Journey,
    form: PublishForm,
    *,
    refused: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    standing = services.draft_problems(journey)
    context = {
        **frame(request, journey, mode="publish"),
        "problems": standing or refused,
        "is_ready": not standing,
        "form": form,
    }
    if not standing:
        context |= _plan(journey, normalised(draft_of(journey)), form)
    return page_or_partial(
        request,
        page="journeys/publish.html",
        partial="journeys/_publish_summary.html",
        context=context,
        status=status,
    )


def _plan(journey: Journey, draft: Definition, form: PublishForm) -> dict[str, Any]:
    """What would change, and what would become of those inside."""
    live = live_of(journey)
    is_same = live is not None and not diff(live, draft)
    versions = list(journey.versions.order_by("-number"))
    newest = versions[0].number if versions else 0
    number = journey.live_version.number if is_same and journey.live_version else newest + 1
    earlier = [each for each in versions if each.number < number]
    found = preview(
        journey=journey,
        definition=draft,
        versions=earlier,
        moving=form.moving() if form.is_bound else None,
    )
    titles = titles_of({"draft": draft, **_definitions(live, found, earlier)})
    changes = (
        changes_in_words(live, draft, was=titles["live"], titles=titles["draft"]) if live else []
    )
    old_titles = {
        step_id: title
        for key in reversed(titles)
        if key != "draft"
        for step_id, title in titles[key].items()
    }
    form.ask_where(found.removed, old_titles, list(titles["draft"].items()))
    _renew_revision(form, journey)
    here = _people_here(journey, found, old_titles, number)
    by_step = {each["id"]: each for each in here}
    return {
        "number": number,
        "is_first": live is None,
        "is_same": is_same,
        "changes": [_told(change, by_step) for change in changes],
        "preview": found,
        "here": here,
        "inside_url": _list_url(journey, number),
        "summary": summary_words(found, titles["draft"]),
        "moves": form.chooses_to_move,
    }


def _definitions(
    live: Definition | None, found: Preview, earlier: Sequence[JourneyVersion]
) -> dict[str, Definition]:
    """The definitions that name the steps people stand at: the live one where it has them all."""
    definitions = {"live": live} if live else {}
    known = {node.id for node, _place in walk(live.steps)} if live else set()
    if {each.step_id for each in found.steps} - known:
        definitions |= {str(each.number): parse(each.definition) for each in earlier}
    return definitions


def _renew_revision(form: PublishForm, journey: Journey) -> None:
    """What is shown is what is agreed to; a draft that changes after this is refused."""
    if form.is_bound:
        form.data = {**form.data, "revision": journey.draft_revision}
    else:
        form.initial["revision"] = journey.draft_revision


def _told(change: Change, here: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A change, and who stands at a step that goes."""
    people = here.get(change.step_id) if change.kind == "removed" else None
    return {"change": change, "icon": ICONS[change.kind], "here": people}


ICONS = {
    "added": "plus",
    "removed": "trash-2",
    "changed": "pencil",
    "moved": "move",
    "rule": "sliders-horizontal",
}


def _people_here(
    journey: Journey, found: Preview, titles: dict[str, str], number: int
) -> list[dict[str, Any]]:
    """Who stands where, with the address of the list behind each count."""
    return [
        {
            "id": each.step_id,
            "title": titles.get(each.step_id, each.step_id),
            "people": each.people,
            "stays": each.stays,
            "url": _list_url(journey, number, each.step_id),
        }
        for each in found.steps
    ]


def _list_url(journey: Journey, number: int, step_id: str = "") -> str:
    asked = {"what": f"before:{number}", **({"step": step_id} if step_id else {})}
    return f"{reverse('journeys:people', args=[journey.pk])}?{urlencode(asked)}"


def summary_words(found: Preview, titles: dict[str, str]) -> str:
    """What becomes of everybody: "124 people: 100 keep their place, 20 go to …, 4 leave"."""
    parts = []
    if found.kept:
        words = ngettext("%(n)s keeps their place", "%(n)s keep their place", found.kept)
        parts.append(words % {"n": localized(found.kept)})
    for step_id, count in sorted(found.going.items(), key=lambda item: -item[1]):
        words = ngettext("%(n)s goes to “%(step)s”", "%(n)s go to “%(step)s”", count)
        parts.append(words % {"n": localized(count), "step": titles.get(step_id, step_id)})
    if found.leaving:
        words = ngettext("%(n)s leaves", "%(n)s leave", found.leaving)
        parts.append(words % {"n": localized(found.leaving)})
    if not parts:
        return ""
    whole = ngettext("%(n)s person", "%(n)s people", found.people) % {"n": localized(found.people)}
    if found.runs != found.people:
        counted = {"people": whole, "runs": localized(found.runs)}
        whole = _("%(people)s, inside %(runs)s times") % counted
    return _("%(people)s: %(fates)s.") % {"people": whole, "fates": ", ".join(parts)}
