"""The runs of journeys by API: listing them, and letting people in."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.identity import resolve_many
from contacts.models import Contact
from contacts.rows import IDENTIFIER_MAX
from core.api.bulk import MAX_ITEMS, BulkResultSerializer, ItemResult, bulk_response
from core.api.errors import flatten, refuse
from core.api.fields import StrictSerializer
from core.api.schema import error_response
from core.api.views import ListView
from core.errors import Problem
from journeys.api.journeys import journey_or_404
from journeys.enrolment import EnrolResult, enrol
from journeys.models import Enrolment, Journey

# Why somebody was not let in, as the engine says it.
REASONS = {
    "not_live": gettext_lazy("This journey is not running."),
    "no_such_contact": gettext_lazy("There is no such contact."),
    "already_inside": gettext_lazy("This person is in the journey already."),
    "entered_before": gettext_lazy(
        "This person was in the journey before, and may not return yet."
    ),
    "loop_guard": gettext_lazy("This person was let in too often within an hour."),
    "not_in_audience": gettext_lazy("The journey's entry is not for this person."),
}
# The same reason under the name the whole API uses.
CODES = {"no_such_contact": "contact_not_found"}
CONTEXT_MAX = 50


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """One contact's run through a journey."""

    id = serializers.UUIDField()
    journey_id = serializers.UUIDField()
    contact_id = serializers.UUIDField()
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(Enrolment.Status.values)

    class Meta:
        model = Enrolment
        fields = [
            "id",
            "journey_id",
            "contact_id",
            "version",
            "key",
            "entry_kind",
            "holdout",
            "status",
            "step_id",
            "entered_step_at",
            "due_at",
            "exit_reason",
            "started_at",
            "converted_at",
            "ended_at",
        ]
        read_only_fields = fields


class PersonSerializer(StrictSerializer):
    """A contact, by id or by what else names it."""

    contact_id = serializers.UUIDField(required=False)
    email = serializers.CharField(required=False, max_length=IDENTIFIER_MAX["email"])
    external_id = serializers.CharField(required=False, max_length=IDENTIFIER_MAX["external_id"])


class NewEnrolmentsSerializer(StrictSerializer):
    """People to let in."""

    contacts = PersonSerializer(many=True, help_text="At most 1,000.")
    key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=128,
        help_text="What the run is about, such as a cart's id: each key is a run of its own.",
    )
    context = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="What messages and conditions of the run may use."
    )


class EnrolmentsShape(StrictSerializer):
    """The same, its people still unread."""

    contacts = serializers.ListField(max_length=MAX_ITEMS)
    key = NewEnrolmentsSerializer().fields["key"]
    context = NewEnrolmentsSerializer().fields["context"]  # type: ignore[assignment]


class EnrolmentFilters(django_filters.FilterSet):
    """What the list of runs can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Enrolment.Status.choices)
    contact_id = django_filters.UUIDFilter()
    step_id = django_filters.CharFilter()

    class Meta:
        model = Enrolment
        fields: ClassVar[list[str]] = []


class EnrolmentsView(ListView):
    """The runs of a journey."""

    scopes: ClassVar = {"GET": "journeys:read", "POST": "journeys:write"}
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilters
    orderings: ClassVar = {"started_at": "started_at"}
    default_order = "-started_at"

    @extend_schema(
        operation_id="enrolments_list",
        tags=["Journeys"],
        summary="List the people of a journey",
        description="One row per run; somebody may have several.",
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """One page of runs."""
        return self.page(journey_or_404(journey_id).enrolments.select_related("version"))

    @extend_schema(
        operation_id="enrolments_create",
        tags=["Journeys"],
        summary="Let up to 1,000 contacts into a journey",
        description=(
            "Every contact has its own result: `enrolled`, or `refused` with the reason: "
            "`contact_not_found`, `already_inside`, `entered_before` or `loop_guard`. `id` is the "
            "run's id. Consent and frequency are looked at when a message is about to leave."
        ),
        request=NewEnrolmentsSerializer,
        responses={
            200: BulkResultSerializer,
            409: error_response("The journey is not running."),
        },
        examples=[
            OpenApiExample(
                "Two guests",
                {
                    "contacts": [{"email": "ada@example.com"}, {"external_id": "1815"}],
                    "key": "order-8812",
                    "context": {"order": "8812"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, journey_id: UUID) -> Response:
        """Let in whom the rules allow, and say what became of each."""
        given = self.parsed(EnrolmentsShape)
        journey = journey_or_404(journey_id)
        if journey.status != Journey.Status.LIVE:
            raise refuse(Problem("not_live", str(REASONS["not_live"])), status=409)
        people = read_people(given["contacts"])
        result = enrol(
            journey=journey,
            contact_ids=[each for each in people if isinstance(each, UUID)],
            key=given.get("key", ""),
            context=given.get("context"),
            entry_kind="manual",
            now=timezone.now(),
        )
        return bulk_response(_verdict(place, each, result) for place, each in enumerate(people))


def _verdict(place: int, person: UUID | list[Problem], result: EnrolResult) -> ItemResult:
    if isinstance(person, list):
        return ItemResult(place, "refused", None, person)
    if person in result.enrolled:
        return ItemResult(place, "enrolled", str(result.enrolled[person]))
    reason = result.refused[person]
    problem = Problem(CODES.get(reason, reason), str(REASONS[reason]))
    return ItemResult(place, "refused", None, [problem])


def read_people(items: Sequence[Any]) -> list[UUID | list[Problem]]:
    """The contact each item names, or why it names none; three statements for all."""
    read = [_read_person(item) for item in items]
    named = [each for each in read if isinstance(each, dict)]
    found = iter(_found(named))
    stranger = Problem("contact_not_found", str(REASONS["no_such_contact"]))
    return [each if isinstance(each, list) else next(found) or [stranger] for each in read]


def _read_person(item: Any) -> dict[str, Any] | list[Problem]:
    form = PersonSerializer(data=item)
    if not form.is_valid():
        return list(flatten(form.errors))
    if len(form.validated_data) != 1:
        sentence = _("Name the contact by one of: contact_id, email, external_id.")
        return [Problem("required", sentence)]
    return dict(form.validated_data)


def _found(named: Sequence[Mapping[str, Any]]) -> list[UUID | None]:
    ids = {each["contact_id"] for each in named if "contact_id" in each}
    known = set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))
    resolved = resolve_many(named)
    return [
        (each["contact_id"] if each["contact_id"] in known else None)
        if "contact_id" in each
        else contact_id
        for each, contact_id in zip(named, resolved, strict=True)
    ]
