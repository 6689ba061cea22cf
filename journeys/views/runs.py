"""One person's run: the way they took; and letting people in, on and out by hand."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact
from journeys.enrolment import EnrolResult, enrol, remove
from journeys.forms import MOST_ADDED, ChosenPeopleForm, TagPeopleForm
from journeys.models import Enrolment, Journey
from journeys.panels import manual_journeys
from journeys.refusals import refusal_words
from journeys.skipping import can_skip, skip_wait
from journeys.tree import View, draw
from journeys.views.frame import contact_url, frame, has_manual_entry, load_journey
from journeys.ways import way_of
from tenants.models import Membership
from tenants.pages import for_role

FOUND = 25


@require_safe
def run_path(request: HttpRequest, journey_id: UUID, run_id: UUID) -> HttpResponse:
    """The tree of the version they are on with their way in it, and the same as a list."""
    journey = load_journey(journey_id)
    runs = Enrolment.objects.select_related("version", "contact")
    run = get_object_or_404(runs, pk=run_id, journey=journey)
    way = way_of(run)
    view = View(mode="path", reached=way.reached, lanes_taken=way.lanes_taken)
    context = {
        **frame(request, journey, mode="path"),
        "run": run,
        "way": way,
        "steps": draw(way.definition, view),
        "contact_url": contact_url(run.contact_id),
        "can_skip": can_skip(run),
    }
    return render(request, "journeys/path.html", context)


@require_POST
def run_remove(request: HttpRequest, journey_id: UUID, run_id: UUID) -> HttpResponse:
    """Take the person out, wherever they stand."""
    run = get_object_or_404(Enrolment, pk=run_id, journey_id=journey_id)
    if remove(enrolment_ids=[run.pk], now=timezone.now()):
        messages.success(request, _("They are out of the journey."))
    else:
        messages.info(request, _("They had left the journey already."))
    return _back(request, run)


@require_POST
def run_skip(request: HttpRequest, journey_id: UUID, run_id: UUID) -> HttpResponse:
    """Let the person go on without waiting any longer."""
    run = get_object_or_404(Enrolment, pk=run_id, journey_id=journey_id)
    if skip_wait(enrolment_id=run.pk, now=timezone.now()):
        messages.success(request, _("They go on to the next step."))
    else:
        messages.error(request, _("There is no wait to skip here."))
    return _back(request, run)


def _back(request: HttpRequest, run: Enrolment) -> HttpResponse:
    """To the contact's page when the button stood there, else to the path."""
    if request.POST.get("back") == "contact":
        return redirect(contact_url(run.contact_id))
    return redirect("journeys:path", run.journey_id, run.pk)


# --- letting people in


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def people_add(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Find contacts and let them in, or everybody with a tag."""
    journey = load_journey(journey_id)
    if not has_manual_entry(journey):
        messages.error(
            request,
            _("People can be added while the journey is live and lets them in by hand."),
        )
        return redirect("journeys:report", journey.pk)
    tag_form = TagPeopleForm()
    status, refusal = 200, ""
    if request.method == "POST" and "tag" in request.POST:
        tag_form = TagPeopleForm(request.POST)
        if tag_form.is_valid():
            return _let_in_tagged(request, journey, tag_form.cleaned_data["tag"].pk)
        status = 422
    elif request.method == "POST":
        chosen = ChosenPeopleForm(request.POST)
        if chosen.is_valid():
            ids = [contact.pk for contact in chosen.cleaned_data["ids"]]
            return _let_in(request, journey, ids)
        status, refusal = 422, str(chosen.errors["ids"][0])
    text = request.GET.get("q", "")[:100]
    context = {
        **frame(request, journey, mode="add"),
        "q": text,
        "found": Contact.objects.search(text).order_by("-created_at", "-id")[:FOUND],
        "tag_form": tag_form,
        "refusal": refusal,
    }
    return render(request, "journeys/add_people.html", context, status=status)


def _let_in_tagged(request: HttpRequest, journey: Journey, tag_id: int) -> HttpResponse:
    tagged = Contact.objects.filter(contact_tags__tag_id=tag_id).values_list("pk", flat=True)
    ids = list(tagged[: MOST_ADDED + 1])
    if len(ids) > MOST_ADDED:
        words = _("More than %(most)s people have this tag: use the entry “Tag added” for so many.")
        messages.error(request, words % {"most": MOST_ADDED})
        return redirect("journeys:add_people", journey.pk)
    return _let_in(request, journey, ids)


def _let_in(request: HttpRequest, journey: Journey, ids: Collection[UUID]) -> HttpResponse:
    result = enrol(journey=journey, contact_ids=ids, now=timezone.now())
    _tell(request, result)
    return redirect("journeys:report", journey.pk)


def _tell(request: HttpRequest, result: EnrolResult) -> None:
    """Say how many came in, and why others did not."""
    count = len(result.enrolled)
    if count:
        words = ngettext("%(n)s person added.", "%(n)s people added.", count)
        messages.success(request, words % {"n": count})
    for reason, number in Counter(result.refused.values()).most_common():
        words = ngettext("%(n)s not added: %(why)s.", "%(n)s not added: %(why)s.", number)
        messages.warning(request, words % {"n": number, "why": refusal_words(reason)})
    if not count and not result.refused:
        messages.info(request, _("Nobody has this tag."))


@require_POST
def contact_add(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Let one contact into the journey chosen on their page."""
    contact = get_object_or_404(Contact, pk=contact_id)
    journey_id = _uuid(request.POST.get("journey", ""))
    journey = manual_journeys().filter(pk=journey_id).first() if journey_id else None
    if journey is None:
        messages.error(request, _("Choose a journey that is live and lets people in by hand."))
    else:
        _tell(request, enrol(journey=journey, contact_ids=[contact.pk], now=timezone.now()))
    return redirect(contact_url(contact.pk))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
