"""Messages by API: what was sent to whom and what became of it; and sending one."""

import hashlib
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message, Template
from contacts.models import Contact
from core.api.errors import refuse, refuse_all
from core.api.fields import StrictSerializer
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Problem

IDEMPOTENCY_MAX = 255


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One send to one person, and what became of it."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField(allow_null=True)
    subject = serializers.CharField(
        source="template_version.subject", help_text="As written, before it is filled in."
    )
    kind = serializers.SerializerMethodField()
    status = serializers.ChoiceField(Message.Status.values)
    reason = serializers.CharField(help_text="A stable code when it was not simply sent.")

    class Meta:
        model = Message
        fields = [
            "id",
            "contact_id",
            "to_address",
            "channel",
            "kind",
            "subject",
            "status",
            "reason",
            "reason_text",
            "journey_id",
            "enrolment_id",
            "step_id",
            "campaign_id",
            "queued_at",
            "sent_at",
            "delivered_at",
            "opened_at",
            "clicked_at",
            "unsubscribed_at",
        ]
        read_only_fields = fields

    def get_kind(self, message: Message) -> str:
        """`transactional`, `journey` or `campaign`."""
        return Message.Lane(message.lane).name.lower()


class NewMessageSerializer(StrictSerializer):
    """A message one person needs because of what they did: a receipt, a booking, a reset."""

    template_id = serializers.UUIDField()
    contact_id = serializers.UUIDField()
    context = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="What the template may use besides the contact."
    )


class MessageFilters(django_filters.FilterSet):
    """What the list of messages can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Message.Status.choices)
    contact_id = django_filters.UUIDFilter()
    journey_id = django_filters.UUIDFilter()
    step_id = django_filters.CharFilter()
    campaign_id = django_filters.UUIDFilter()
    queued_after = django_filters.IsoDateTimeFilter(field_name="queued_at", lookup_expr="gte")
    queued_before = django_filters.IsoDateTimeFilter(field_name="queued_at", lookup_expr="lt")

    class Meta:
        model = Message
        fields: ClassVar[list[str]] = []


def message_rows() -> QuerySet[Message]:
    """Messages with their subjects, without what only the sender needs."""
    return Message.objects.select_related("template_version").defer(
        "context", "template_version__compiled", "template_version__body"
    )


class MessagesView(ListView):
    """All messages."""

    scopes: ClassVar = {"GET": "messages:read", "POST": "messages:write"}
    serializer_class = MessageSerializer
    filterset_class = MessageFilters
    # Ids grow with time, and their index is there already.
    orderings: ClassVar = {"queued_at": "id"}
    default_order = "-queued_at"

    @extend_schema(operation_id="messages_list", tags=["Messages"], summary="List messages")
    def get(self, request: Request) -> Response:
        """One page of messages."""
        return self.page(message_rows())

    @extend_schema(
        operation_id="messages_create",
        tags=["Messages"],
        summary="Send a message",
        description=(
            "For what a person needs because of something they did: it goes before all others and "
            "does not ask for marketing consent. Send an `Idempotency-Key`: the same key with the "
            "same body is the same message (200 instead of 201); with another body it is refused."
        ),
        request=NewMessageSerializer,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                location=OpenApiParameter.HEADER,
                required=True,
                description="Up to 255 printable characters, your own id of this send.",
            )
        ],
        responses={
            200: MessageSerializer,
            201: MessageSerializer,
            422: error_response("The key was used before, for something else."),
        },
        examples=[
            OpenApiExample(
                "A receipt",
                {
                    "template_id": "019aa0a0-6c00-7000-8000-000000000001",
                    "contact_id": "019aa0a0-6c00-7000-8000-000000000002",
                    "context": {"order": "8812"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue one message, once per idempotency key."""
        send_key = send_key_of(request)
        given = self.parsed(NewMessageSerializer)
        message, is_new = queue_once(send_key=send_key, given=given)
        return Response(MessageSerializer(message).data, status=201 if is_new else 200)


class MessageView(ApiView):
    """One message."""

    scopes: ClassVar = {"GET": "messages:read"}

    @extend_schema(
        operation_id="messages_retrieve",
        tags=["Messages"],
        summary="Read a message",
        responses={200: MessageSerializer},
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        """The message as it stands now."""
        message = message_rows().filter(pk=message_id).first()
        if message is None:
            raise Http404
        return Response(MessageSerializer(message).data)


def send_key_of(request: Request) -> str:
    """The send's unique key: the caller's own, apart from that of every other API key."""
    given = request.headers.get("Idempotency-Key", "").strip()
    if not given or len(given) > IDEMPOTENCY_MAX or not given.isprintable():
        sentence = _("Send an Idempotency-Key header of 1 to 255 characters.")
        raise refuse(Problem("idempotency_key_required", sentence, "Idempotency-Key"))
    return f"api:{request.auth.pk.hex}:{hashlib.sha256(given.encode()).hexdigest()[:40]}"


def queue_once(*, send_key: str, given: dict[str, Any]) -> tuple[Message, bool]:
    """The message under this key, and whether it is new; raises ApiRefusal for another body."""
    existing = message_rows().filter(send_key=send_key).first()
    if existing is None:
        version = _checked_version(given)
        with transaction.atomic():
            created = queue_messages(
                messages=[
                    NewMessage(
                        send_key=send_key,
                        contact_id=given["contact_id"],
                        template_version_id=version,
                        lane=Message.Lane.TRANSACTIONAL,
                        context=given.get("context", {}),
                    )
                ],
                now=timezone.now(),
            )
        existing = message_rows().filter(send_key=send_key).first()
        if existing is None:
            # Erased between the look and the queueing.
            raise refuse(_no_contact())
        if created:
            return existing, True
    if not _is_same(existing, given):
        sentence = _("This Idempotency-Key was used for another message.")
        raise refuse(Problem("idempotency_mismatch", sentence, "Idempotency-Key"), status=422)
    return existing, False


def _checked_version(given: dict[str, Any]) -> UUID:
    """The template's version to send; raises ApiRefusal for a stranger or an unknown template."""
    version = (
        Template.objects.filter(pk=given["template_id"])
        .values_list("live_version_id", flat=True)
        .first()
    )
    problems = []
    if version is None:
        sentence = _("There is no template with this id.")
        problems.append(Problem("template_not_found", sentence, "template_id"))
    if not Contact.objects.filter(pk=given["contact_id"]).exists():
        problems.append(_no_contact())
    if version is None or problems:
        raise refuse_all(problems)
    return version


def _no_contact() -> Problem:
    return Problem("contact_not_found", _("There is no contact with this id."), "contact_id")


def _is_same(message: Message, given: dict[str, Any]) -> bool:
    return (
        message.contact_id == given["contact_id"]
        and message.template_version.template_id == given["template_id"]
        and message.context == given.get("context", {})
    )
