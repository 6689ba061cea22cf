"""Contacts: list, read, create or update, change, erase."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.shapes import (
    ContactBatchSerializer,
    ContactChangesSerializer,
    ContactSerializer,
    NewContactSerializer,
    read_row,
)
from contacts.erasure import erase_contact
from contacts.identity import UpsertResult, upsert_contacts
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.updating import update_contact
from core.api.bulk import BulkResultSerializer, ItemResult, bulk_response, parse_items
from core.api.errors import ApiRefusal, refuse_all
from core.api.filters import MomentFilter
from core.api.json_body import BatchJSONParser
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Invalid, Problem

SOURCE = "api"
# Refusals that come from another contact, not from the request itself.
CONFLICTS = frozenset({"identity_conflict", "identity_taken"})
CONFLICT = error_response("The address or id belongs to another contact.")
EXAMPLE: dict[str, Any] = {
    "email": "ada@example.com",
    "external_id": "1815",
    "first_name": "Ada",
    "language": "en",
    "fields": {"city": "London"},
    "tags": ["vip"],
}


class ContactFilters(django_filters.FilterSet):
    """What the list of contacts can be narrowed by."""

    email = django_filters.CharFilter(field_name="email", method="by_email")
    external_id = django_filters.CharFilter()
    phone = django_filters.CharFilter()
    tag = django_filters.CharFilter(method="by_tag", help_text="A tag's name.")
    consent = django_filters.ChoiceFilter(
        field_name="email_consent", choices=Contact.Consent.choices
    )
    search = django_filters.CharFilter(
        method="by_text", help_text="Part of the name, address or phone."
    )
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = MomentFilter(field_name="updated_at", lookup_expr="lt")

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def by_email(self, rows: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        """Addresses are kept in lower case."""
        return rows.filter(email=value.strip().lower())

    def by_tag(self, rows: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        """“VIP” and “vip” are one tag."""
        return rows.filter(contact_tags__tag__name__iexact=value.strip())

    def by_text(self, rows: Any, name: str, value: str) -> QuerySet[Contact]:
        """As the contact list of the pages searches."""
        found: QuerySet[Contact] = rows.search(value)
        return found


def contact_rows() -> QuerySet[Contact]:
    """Contacts with their tags, in two statements whatever their number."""
    return Contact.objects.prefetch_related("contact_tags__tag")


def contact_or_404(contact_id: UUID) -> Contact:
    """The contact of this workspace; another workspace's looks like one that never was."""
    contact = contact_rows().filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    return contact


class ContactsView(ListView):
    """All contacts."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}
    serializer_class = ContactSerializer
    filterset_class = ContactFilters
    orderings: ClassVar = {"created_at": "created_at", "updated_at": "updated_at"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="contacts_list",
        tags=["Contacts"],
        summary="List contacts",
        description="Newest first, filtered and searched as you ask.",
    )
    def get(self, request: Request) -> Response:
        """One page of contacts."""
        return self.page(contact_rows())

    @extend_schema(
        operation_id="contacts_upsert",
        tags=["Contacts"],
        summary="Create or update a contact",
        description=(
            "Found by external_id, else by email, else by phone: 201 when created, 200 when it was "
            "there. Sending it twice is harmless. Consent is never touched here."
        ),
        request=NewContactSerializer,
        responses={200: ContactSerializer, 201: ContactSerializer, 409: CONFLICT},
        examples=[OpenApiExample("Ada", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write one contact, and show it as it now is."""
        row = read_row(request.data)
        if isinstance(row, list):
            raise refuse_all(row)
        [result] = upsert_contacts(rows=[row], source=SOURCE, now=timezone.now())
        if result.problem:
            raise _refusal([result.problem])
        assert result.contact_id  # noqa: S101  only refused rows have none
        shown = ContactSerializer(contact_or_404(result.contact_id)).data
        return Response(shown, status=201 if result.status == "created" else 200)


class ContactsBulkView(ApiView):
    """Many contacts."""

    scopes: ClassVar = {"POST": "contacts:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="contacts_bulk",
        tags=["Contacts"],
        summary="Create or update up to 1,000 contacts",
        description=(
            "Every contact has its own result: `created`, `updated`, `unchanged` or `refused`. A "
            "refused one never keeps the others out. `id` is the contact's id."
        ),
        request=ContactBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("One contact", {"contacts": [EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write what can be written, and say what became of each."""
        read = [read_row(item) for item in parse_items(request.data, "contacts")]
        places = [place for place, row in enumerate(read) if isinstance(row, ContactRow)]
        rows = [row for row in read if isinstance(row, ContactRow)]
        written = upsert_contacts(rows=rows, source=SOURCE, now=timezone.now())
        results = dict(zip(places, written, strict=True))
        return bulk_response(
            _bulk_result(place, results.get(place, row)) for place, row in enumerate(read)
        )


def _bulk_result(place: int, result: UpsertResult | ContactRow | list[Problem]) -> ItemResult:
    if isinstance(result, UpsertResult):
        problems = [result.problem] if result.problem else []
        contact_id = str(result.contact_id) if result.contact_id else None
        return ItemResult(place, result.status, contact_id, [_placeless(each) for each in problems])
    return ItemResult(place, "refused", None, result if isinstance(result, list) else [])


def _placeless(problem: Problem) -> Problem:
    """Without the index, which would be that among the readable rows."""
    return Problem(problem.code, problem.message, problem.field)


def _refusal(problems: list[Problem]) -> ApiRefusal:
    refusal = refuse_all([_placeless(problem) for problem in problems])
    if refusal.get_codes() in CONFLICTS:
        refusal.status_code = 409
    return refusal


class ContactView(ApiView):
    """One contact."""

    scopes: ClassVar = {
        "GET": "contacts:read",
        "PATCH": "contacts:write",
        "DELETE": "contacts:write",
    }

    @extend_schema(
        operation_id="contacts_retrieve",
        tags=["Contacts"],
        summary="Read a contact",
        responses={200: ContactSerializer},
    )
    def get(self, request: Request, contact_id: UUID) -> Response:
        """The contact with its tags."""
        return Response(ContactSerializer(contact_or_404(contact_id)).data)

    @extend_schema(
        operation_id="contacts_update",
        tags=["Contacts"],
        summary="Change a contact",
        description="What is left out stays as it is; null or an empty text clears.",
        request=ContactChangesSerializer,
        responses={200: ContactSerializer, 409: CONFLICT},
        examples=[
            OpenApiExample(
                "A new city", {"first_name": "Ada", "fields": {"city": "Turin"}}, request_only=True
            )
        ],
    )
    def patch(self, request: Request, contact_id: UUID) -> Response:
        """Change what is given, and show the contact as it now is."""
        changes = self.parsed(ContactChangesSerializer)
        try:
            changed = update_contact(
                contact_id=contact_id, changes=changes, source=SOURCE, now=timezone.now()
            )
        except Invalid as refusal:
            raise _refusal(refusal.problems) from None
        if changed is None:
            raise Http404
        return Response(ContactSerializer(contact_or_404(contact_id)).data)

    @extend_schema(
        operation_id="contacts_erase",
        tags=["Contacts"],
        summary="Erase a contact",
        description=(
            "Forgets the person for good: profile, consents, messages, the texts of events. Only a "
            "hash of the address stays, so that no import brings them back. Cannot be undone."
        ),
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, contact_id: UUID) -> Response:
        """Erase the contact."""
        if not erase_contact(contact_id=contact_id, now=timezone.now()):
            raise Http404
        return Response(status=204)
