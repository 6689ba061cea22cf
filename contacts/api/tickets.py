"""Support tickets: list them, and tell of one that was opened or closed."""

from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Ticket
from contacts.ticket_reports import report_ticket
from contacts.tickets import ID_MAX, SUBJECT_MAX, URL_MAX
from core.api.errors import refuse_all
from core.api.fields import StrictSerializer
from core.api.views import ListView
from core.errors import Invalid
from events.api import IdentifiersSerializer

SOURCE = "api"
EXAMPLE: dict[str, Any] = {
    "external_id": "T-4711",
    "status": "open",
    "subject": "The parcel is late",
    "url": "https://help.example.com/tickets/4711",
    "identifiers": {"email": "ada@example.com"},
}


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A conversation with customer care."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(Ticket.Status.values)

    class Meta:
        model = Ticket
        fields = [
            "id",
            "source",
            "external_id",
            "contact_id",
            "subject",
            "url",
            "status",
            "opened_at",
            "closed_at",
            "created_at",
        ]
        read_only_fields = fields


class NewTicketSerializer(StrictSerializer):
    """A ticket that was opened or closed; name the person by contact_id or identifiers."""

    external_id = serializers.CharField(max_length=ID_MAX, help_text="Your own id of the ticket.")
    status = serializers.ChoiceField(Ticket.Status.values)
    subject = serializers.CharField(max_length=SUBJECT_MAX, required=False, allow_blank=True)
    url = serializers.URLField(max_length=URL_MAX, required=False, allow_blank=True)
    occurred_at = serializers.DateTimeField(
        required=False, help_text="With a time zone; now when left out."
    )
    contact_id = serializers.UUIDField(required=False)
    identifiers = IdentifiersSerializer(required=False)


class TicketFilters(django_filters.FilterSet):
    """What the list can be narrowed by."""

    contact_id = django_filters.UUIDFilter(field_name="contact_id")
    status = django_filters.ChoiceFilter(choices=Ticket.Status.choices)
    external_id = django_filters.CharFilter()

    class Meta:
        model = Ticket
        fields: ClassVar[list[str]] = []


class TicketsView(ListView):
    """All tickets."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}
    serializer_class = TicketSerializer
    filterset_class = TicketFilters
    orderings: ClassVar = {"created_at": "created_at"}

    @extend_schema(
        operation_id="tickets_list",
        tags=["Tickets"],
        summary="List tickets",
    )
    def get(self, request: Request) -> Response:
        """One page of tickets."""
        return self.page(Ticket.objects.all())

    @extend_schema(
        operation_id="tickets_report",
        tags=["Tickets"],
        summary="Tell of a ticket that was opened or closed",
        description=(
            "Found by external_id. Tell it as often and in any order you like: the latest moment "
            "decides. While a ticket is open, its person gets no marketing mail."
        ),
        request=NewTicketSerializer,
        responses={200: TicketSerializer},
        examples=[OpenApiExample("A late parcel", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Record what happened, and show the ticket as it now is."""
        given = self.parsed(NewTicketSerializer)
        try:
            ticket = report_ticket(
                external_id=given.pop("external_id"),
                status=given.pop("status"),
                told=given,
                source=SOURCE,
                now=timezone.now(),
            )
        except Invalid as refusal:
            raise refuse_all(refusal.problems) from None
        return Response(TicketSerializer(ticket).data)
