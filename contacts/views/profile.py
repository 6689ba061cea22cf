"""One contact: its page, and what can be done on it."""

from datetime import date
from typing import cast
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.consent import ledger_of, record_consent
from contacts.contracts import panels, panels_in_order
from contacts.editing import add_note
from contacts.erasure import erase_contact
from contacts.event_types import source_words
from contacts.forms import ConsentForm
from contacts.models import ConsentEntry, Contact, ContactField, Suppression
from contacts.tags import add_tag, remove_tag, tags_of
from contacts.timeline import KINDS, TimelinePage, timeline_of
from contacts.widgets import tag_names
from core.errors import Invalid
from core.htmx import page_or_partial, redirect_to
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User
from tenants.pages import for_role


def _zone() -> ZoneInfo:
    return ZoneInfo(current_workspace().timezone)


def _colleague(request: HttpRequest) -> User:
    """Whoever is signed in; the middleware lets nobody else in."""
    return cast(User, request.user)


@require_safe
def detail(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Who they are, what they allow, what happened; htmx asks for the timeline alone."""
    contact = get_object_or_404(Contact, pk=contact_id)
    kind = request.GET.get("kind", "all")
    if kind not in KINDS:
        kind = "all"
    before = request.GET.get("before", "")
    page = timeline_of(contact, zone=_zone(), kind=kind, before=before)
    here = reverse("contacts:detail", args=[contact.pk])
    context = {
        "contact": contact,
        "days": _days(page),
        "kinds": [
            {"label": label, "url": f"{here}?kind={key}", "current": key == kind}
            for key, label in KINDS.items()
        ],
        "earlier_url": _earlier_url(here, kind, page),
        "is_continued": bool(before),
    }
    if not getattr(request, "htmx", None):
        context |= _about(contact)
    partial = "contacts/_timeline_days.html" if before else "contacts/_timeline.html"
    return page_or_partial(request, page="contacts/detail.html", partial=partial, context=context)


def _earlier_url(here: str, kind: str, page: TimelinePage) -> str:
    if not page.earlier:
        return ""
    return f"{here}?{urlencode({'kind': kind, 'before': page.earlier})}"


def _about(contact: Contact) -> dict[str, object]:
    suppression = Suppression.objects.filter(channel="email", value=contact.email or "").first()
    return {
        "tags": tags_of([contact.pk]).get(contact.pk, []),
        "tag_names": tag_names(),
        "custom": [
            (field.label, _shown(contact.fields[field.key]))
            for field in ContactField.objects.all()
            if field.key in contact.fields
        ],
        "suppression": suppression,
        "newest_consent": ledger_of(contact.pk).first(),
        "source": source_words(contact.source),
        "panels": panels_in_order(),
    }


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _days(page: TimelinePage) -> list[tuple[str, object]]:
    today = timezone.now().astimezone(_zone()).date()
    return [(_day_words(day, today), entries) for day, entries in page.days]


def _day_words(day: date, today: date) -> str:
    words = date_format(day, "l j F" if day.year == today.year else "l j F Y")
    return _("Today, %(day)s") % {"day": words} if day == today else words


@require_safe
def panel(request: HttpRequest, contact_id: UUID, key: str) -> HttpResponse:
    """One panel of a contact's page; empty where it has nothing to say."""
    contact = get_object_or_404(Contact, pk=contact_id)
    if key not in panels:
        raise Http404
    chosen = panels.get(key)
    context = chosen.context(contact, timezone.now())
    if context is None:
        return HttpResponse("")
    return render(request, chosen.template, {"contact": contact, "panel": chosen, **context})


@require_POST
def tag_add(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Put a tag on this contact."""
    contact = get_object_or_404(Contact, pk=contact_id)
    try:
        add_tag(contact_ids=[contact.pk], name=request.POST.get("name", ""), now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("contacts:detail", contact.pk)


@require_POST
def tag_remove(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Take a tag off this contact."""
    contact = get_object_or_404(Contact, pk=contact_id)
    try:
        remove_tag(contact_ids=[contact.pk], name=request.POST.get("name", ""), now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("contacts:detail", contact.pk)


@require_POST
def note(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Keep a note."""
    contact = get_object_or_404(Contact, pk=contact_id)
    try:
        add_note(
            contact_id=contact.pk,
            text=request.POST.get("text", ""),
            author_id=request.user.pk,
            author_name=_colleague(request).get_full_name(),
            now=timezone.now(),
        )
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("contacts:detail", contact.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Write down what this person told a colleague."""
    contact = get_object_or_404(Contact, pk=contact_id)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        record_consent(
            contact_ids=[contact.pk],
            action=form.cleaned_data["action"],
            source="manual",
            detail=f"{form.cleaned_data['detail']} ({_colleague(request).get_full_name()})",
            now=timezone.now(),
        )
        messages.success(request, _("Kept in the ledger."))
        return redirect_to(request, reverse("contacts:detail", args=[contact.pk]))
    return page_or_partial(
        request,
        page="contacts/consent.html",
        partial="contacts/_consent_form.html",
        context={"contact": contact, "form": form},
        status=422 if form.errors else 200,
    )


@require_safe
def proof(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """What, when, where from, in which words, from which IP: one page to print."""
    contact = get_object_or_404(Contact, pk=contact_id)
    entries = [
        (entry, ConsentEntry.Action(entry.action).label, source_words(entry.source))
        for entry in ledger_of(contact.pk)
    ]
    context = {"contact": contact, "entries": entries, "made_at": timezone.now()}
    return render(request, "contacts/proof.html", context)


@for_role("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Ask, then forget this person. The audit log names the id, not the person."""
    contact = get_object_or_404(Contact, pk=contact_id)
    if request.method == "POST":
        now = timezone.now()
        erase_contact(contact_id=contact.pk, now=now)
        record_audit(
            action="contact.erased",
            workspace=current_workspace(),
            actor=_colleague(request),
            target=str(contact_id),
            now=now,
        )
        messages.success(request, _("This person is forgotten."))
        return redirect("contacts:list")
    return render(request, "contacts/erase.html", {"contact": contact})
