"""The consent ledger of a contact: reading it, and recording what the person decided."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.people import SOURCE, contact_or_404
from contacts.api.shapes import ConsentSerializer, NewConsentSerializer
from contacts.consent import ledger_of, record_consent
from contacts.models import ConsentEntry, ConsentWording, Contact
from contacts.wordings import keep_wording
from core.api.errors import refuse_all
from core.api.views import ListView
from core.errors import Problem

# The key under which sentences sent by API are kept.
WORDING_KEY = "api"


class ConsentsView(ListView):
    """A contact's ledger."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}
    serializer_class = ConsentSerializer
    orderings: ClassVar = {"occurred_at": "occurred_at"}
    default_order = "-occurred_at"

    @extend_schema(
        operation_id="consents_list",
        tags=["Consents"],
        summary="Read a contact's consent ledger",
        description="Newest first. Lines are only ever added.",
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """One page of the ledger."""
        return self.page(ledger_of(contact_or_404(contact_id).pk))

    @extend_schema(
        operation_id="consents_record",
        tags=["Consents"],
        summary="Record what a contact decided",
        description=(
            "To subscribe, name the `source` and the `wording` (or the version of one) the person "
            "agreed to. Unsubscribing who never was subscribed is recorded once."
        ),
        request=NewConsentSerializer,
        responses={201: ConsentSerializer, 200: ConsentSerializer},
        examples=[
            OpenApiExample(
                "Subscribed at the checkout",
                {
                    "action": "subscribed",
                    "source": "checkout of shop.example",
                    "wording": "Yes, send me news by email. I can leave at any time.",
                    "ip": "203.0.113.7",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Write one line; 200 with the newest line when nothing changed."""
        given = self.parsed(NewConsentSerializer)
        contact = contact_or_404(contact_id)
        entry, is_new = record(contact=contact, given=given, now=timezone.now())
        return Response(ConsentSerializer(entry).data, status=201 if is_new else 200)


def record(*, contact: Contact, given: dict[str, Any], now: datetime) -> tuple[ConsentEntry, bool]:
    """The ledger's newest line after recording, and whether it is new."""
    if problems := consent_problems(given, now):
        raise refuse_all(problems)
    newest = ConsentEntry.objects.filter(contact_id=contact.pk).order_by("-id")
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=contact.pk)
        before = newest.values_list("pk", flat=True).first()
        record_consent(
            contact_ids=[contact.pk],
            action=given["action"],
            source=SOURCE,
            detail=given.get("source", ""),
            wording=_wording(given, now),
            ip=given.get("ip"),
            occurred_at=given.get("occurred_at"),
            now=now,
        )
        entry = newest.select_related("wording")[0]
    return entry, entry.pk != before


def consent_problems(given: dict[str, Any], now: datetime) -> list[Problem]:
    """What is missing for a consent that can be shown later; empty when nothing is."""
    problems: list[Problem] = []
    if given["action"] == "subscribed":
        if not given.get("source"):
            sentence = _("Say where the person subscribed.")
            problems.append(Problem("required", sentence, "source"))
        if bool(given.get("wording")) == bool(given.get("wording_version")):
            sentence = _("Send the sentence the person agreed to, or its version: one of them.")
            problems.append(Problem("required", sentence, "wording"))
    version = given.get("wording_version")
    if version and not ConsentWording.objects.filter(**version).exists():
        sentence = _("There is no such version.")
        problems.append(Problem("wording_not_found", sentence, "wording_version"))
    if given.get("occurred_at") and given["occurred_at"] > now:
        sentence = _("This moment is in the future.")
        problems.append(Problem("bad_timestamp", sentence, "occurred_at"))
    return problems


def _wording(given: dict[str, Any], now: datetime) -> ConsentWording | None:
    if version := given.get("wording_version"):
        return ConsentWording.objects.get(**version)
    if text := given.get("wording"):
        return keep_wording(
            key=WORDING_KEY, text=text, language=given.get("language", "en"), now=now
        )
    return None
