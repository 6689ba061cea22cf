"""Events from outside, one at a time or a thousand at once."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.bulk import (
    BulkResultSerializer,
    ItemResult,
    bulk_response,
    item_problems,
    parse_items,
)
from core.api.errors import refuse_all
from core.api.fields import StrictSerializer
from core.api.json_body import BatchJSONParser
from core.api.views import ApiView
from events.ingest import ID_LIMIT, IDENTIFIER_LIMIT, TYPE, Verdict, ingest_events

SOURCE = "api"


class IdentifiersSerializer(StrictSerializer):
    """How the business knows the person: any of these."""

    email = serializers.EmailField(required=False, max_length=IDENTIFIER_LIMIT["email"])
    external_id = serializers.CharField(
        required=False,
        max_length=IDENTIFIER_LIMIT["external_id"],
        help_text="Your own id of the person. 123 and “123” are the same.",
    )
    phone = serializers.CharField(required=False, max_length=IDENTIFIER_LIMIT["phone"])
    anonymous_id = serializers.CharField(
        required=False,
        max_length=IDENTIFIER_LIMIT["anonymous_id"],
        help_text="The id of a browser that is not identified yet.",
    )


class EventSerializer(StrictSerializer):
    """A fact about one person; at most 32 kB. Name the person by contact_id or identifiers."""

    message_id = serializers.CharField(
        required=False,
        max_length=ID_LIMIT,
        help_text="Your id of this event. The same id again is answered `duplicate`.",
    )
    type = serializers.RegexField(
        f"^{TYPE.pattern}$", help_text="What happened, such as `cart.updated`."
    )
    occurred_at = serializers.DateTimeField(
        required=False, help_text="With a time zone; the moment of receipt when left out."
    )
    contact_id = serializers.UUIDField(required=False)
    identifiers = IdentifiersSerializer(required=False)
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Anything you want to filter on or write into messages."
    )


class EventResultSerializer(serializers.Serializer[Any]):
    """A recorded event."""

    message_id = serializers.CharField()
    status = serializers.ChoiceField(["accepted", "duplicate"])


EXAMPLE: dict[str, Any] = {
    "message_id": "cart-8812-2026-11-20T12:00",
    "type": "cart.updated",
    "occurred_at": "2026-11-20T12:00:00Z",
    "identifiers": {"email": "ada@example.com"},
    "data": {"cart_id": "8812", "value": 59.9},
}


class EventsView(ApiView):
    """One event."""

    scopes: ClassVar = {"POST": "events:write"}
    # The one event is checked like an item of a batch, so that both doors say the same.
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="events_create",
        tags=["Events"],
        summary="Send an event",
        description="A 2xx answer means the event is stored: it is not lost after that.",
        request=EventSerializer,
        responses={200: EventResultSerializer},
        examples=[OpenApiExample("A cart", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Record one event; 400 with every problem when it cannot be."""
        [verdict] = _ingest([request.data])
        if verdict.problems:
            raise refuse_all(verdict.problems)
        return Response({"message_id": verdict.message_id, "status": verdict.status})


class EventsBulkView(ApiView):
    """Many events."""

    scopes: ClassVar = {"POST": "events:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="events_bulk",
        tags=["Events"],
        summary="Send up to 1,000 events",
        description=(
            "Every event has its own result: `accepted`, `duplicate` or `rejected`. A rejected one "
            "never keeps the others out. `id` is the message id."
        ),
        request=inline_serializer("EventBatch", {"events": EventSerializer(many=True)}),
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("Two carts", {"events": [EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Record what can be recorded, and say what became of each."""
        verdicts = _ingest(parse_items(request.data, "events"))
        return bulk_response(
            ItemResult(index, verdict.status, verdict.message_id, verdict.problems)
            for index, verdict in enumerate(verdicts)
        )


def _ingest(items: list[Any]) -> list[Verdict]:
    return ingest_events(items=items, now=timezone.now(), source=SOURCE, unfit=item_problems)
