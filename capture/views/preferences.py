"""Unsubscribing and the preference page: behind the personal links in mails, no sign-in."""

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from capture.forms import PreferencesFields
from capture.limits import SAVES_OF_CONTACT
from capture.page_tokens import issue_page_token, read_page_token
from capture.services.preferences import (
    Preferences,
    preference_wording,
    save_preferences,
    unsubscribe,
)
from capture.views.hosting import hosted, speak, stale, too_many
from contacts.links import make_contact_token, read_contact_token
from contacts.models import ConsentWording, Contact
from core import rate_limits
from core.client_ip import client_ip
from tenants.context import current_schema
from tenants.hosting import is_same_origin
from tenants.pages import open_page

KNOWN_FIELDS = {"page_token", "first_name", "language", "subscribed"}


def _who(token: str) -> tuple[UUID, UUID | None]:
    """(contact id, message id or None) of a personal link; 404 for any other text."""
    found = read_contact_token(token)
    if found is None:
        raise Http404
    return found


@open_page
@csrf_exempt  # RFC 8058: mail programs post without cookies; the link is the credential
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET; on POST the contact is unsubscribed, the same however often it comes."""
    contact_id, message_id = _who(token)
    contact = Contact.objects.filter(pk=contact_id).first()
    with speak(contact.language if contact else ""):
        if request.method == "POST":
            is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
            unsubscribe(
                contact_id=contact_id,
                source="one_click" if is_one_click else "preferences",
                message_id=message_id,
                ip=client_ip(request),
                now=timezone.now(),
            )
        is_out = (
            request.method == "POST"
            or contact is None
            or contact.email_consent == Contact.Consent.UNSUBSCRIBED
        )
        context = {
            "contact": contact,
            "is_out": is_out,
            "preferences_url": reverse("capture:preferences", args=[token]),
        }
        return hosted(request, "unsubscribe.html", context)


@open_page
@csrf_exempt  # no cookie, no session: the personal link and the signed page token stand in
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """What a contact gets, and the form to change it."""
    contact_id, message_id = _who(token)
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    with speak(contact.language):
        if request.method == "POST":
            return _save(request, contact, message_id)
        wording = preference_wording(contact.language)
        fields = PreferencesFields(
            sentence=_sentence(wording),
            initial={
                "first_name": contact.first_name,
                "language": get_language(),
                "subscribed": contact.email_consent == Contact.Consent.SUBSCRIBED,
            },
        )
        return _page(request, contact, fields, wording)


def _save(request: HttpRequest, contact: Contact, message_id: UUID | None) -> HttpResponse:
    now = timezone.now()
    shown = read_page_token(request.POST.get("page_token", ""), page=str(contact.pk), now=now)
    if shown is None or not is_same_origin(request):
        return stale(request, request.path)
    subject = f"{current_schema('Preferences')} {contact.pk}"
    if not rate_limits.take(limit=SAVES_OF_CONTACT, subject=subject, now=now):
        return too_many(request, request.path, int(SAVES_OF_CONTACT.window.total_seconds()))
    if request.POST.keys() - KNOWN_FIELDS:
        # A list or topic that is not on the page: refuse it whole rather than guess.
        raise BadRequest
    wording = ConsentWording.objects.filter(pk=shown.wording_id or 0).first()
    fields = PreferencesFields(request.POST, sentence=_sentence(wording))
    if not fields.is_valid():
        return _page(request, contact, fields, wording, status=400)
    save_preferences(
        contact_id=contact.pk,
        wanted=Preferences(**fields.cleaned_data),
        wording=wording,
        message_id=message_id,
        ip=client_ip(request),
        now=now,
    )
    return redirect(f"{request.path}?saved=1")


def _page(
    request: HttpRequest,
    contact: Contact,
    fields: PreferencesFields,
    wording: ConsentWording | None,
    status: int = 200,
) -> HttpResponse:
    token = issue_page_token(
        page=str(contact.pk), wording_id=wording.pk if wording else None, now=timezone.now()
    )
    context = {
        "contact": contact,
        "fields": fields,
        "page_token": token,
        "is_saved": request.method != "POST" and request.GET.get("saved") == "1",
        "unsubscribe_url": reverse("capture:unsubscribe", args=[make_contact_token(contact.pk)]),
    }
    return hosted(request, "preferences.html", context, status=status)


def _sentence(wording: ConsentWording | None) -> str:
    return wording.text if wording else _("Yes, send me news and offers by email.")
