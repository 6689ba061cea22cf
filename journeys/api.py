"""Journeys by API: reading them with their numbers, and letting people in."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.http import Http404
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
from core.api.views import ApiView, ListView
from core.errors import Problem
from journeys.contracts import steps
from journeys.definition import Place, StepNode, parse, walk
from journeys.enrolment import EnrolResult, enrol
from journeys.models import Enrolment, Journey, JourneyVersion
from journeys.numbers import StepNumbers, journey_numbers, step_numbers

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


class JourneySerializer(serializers.ModelSerializer[Journey]):
    """An automation."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Journey.Status.values)
    live_version = serializers.IntegerField(
        source="live_version.number", allow_null=True, default=None
    )

    class Meta:
        model = Journey
        fields = ["id", "name", "description", "status", "live_version", "created_at", "updated_at"]
        read_only_fields = fields


class NumbersSerializer(serializers.Serializer[Any]):
    """People, not runs; those held out are counted apart."""

    started = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    exited_early = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    converted = serializers.IntegerField()
    held_out = serializers.IntegerField()
    held_out_converted = serializers.IntegerField()
    conversion = serializers.FloatField(
        allow_null=True, help_text="converted / started, from 0 to 1; null when nobody started."
    )


class StepSerializer(serializers.Serializer[Any]):
    """One step of the live version, in reading order, and who came through it."""

    id = serializers.CharField(help_text="It survives moves and versions.")
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    summary = serializers.CharField(help_text="What it does, in words.")
    parent_id = serializers.CharField(help_text="The split it is in; empty on the main path.")
    branch = serializers.IntegerField(help_text="Which branch of that split, from 0.")
    entered = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="There now, held ones included.")
    left = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Went on, by outcome: `next`, `branch:0`, `exit:reason`, `goal`, `failed`.",
    )
    lost = serializers.IntegerField(help_text="Left the journey here early, or failed here.")


class JourneyDetailSerializer(JourneySerializer):
    """An automation with the numbers on its steps."""

    numbers = NumbersSerializer()
    steps = StepSerializer(many=True)

    class Meta(JourneySerializer.Meta):
        fields = [*JourneySerializer.Meta.fields, "numbers", "steps"]
        read_only_fields = fields


class VersionSerializer(serializers.ModelSerializer[JourneyVersion]):
    """A published state of a journey; it never changes."""

    number = serializers.IntegerField()
    definition = serializers.DictField(help_text="Entries, goal, exits, settings and steps.")

    class Meta:
        model = JourneyVersion
        fields = ["number", "published_at", "published_by_name", "definition"]
        read_only_fields = fields


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


class JourneyFilters(django_filters.FilterSet):
    """What the list of journeys can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Journey.Status.choices)

    class Meta:
        model = Journey
        fields: ClassVar[list[str]] = []


class EnrolmentFilters(django_filters.FilterSet):
    """What the list of runs can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Enrolment.Status.choices)
    contact_id = django_filters.UUIDFilter()
    step_id = django_filters.CharFilter()

    class Meta:
        model = Enrolment
        fields: ClassVar[list[str]] = []


def journey_or_404(journey_id: UUID) -> Journey:
    """The journey of this workspace; another workspace's looks like one that never was."""
    journey = Journey.objects.select_related("live_version").filter(pk=journey_id).first()
    if journey is None:
        raise Http404
    return journey


class JourneysView(ListView):
    """All journeys."""

    scopes: ClassVar = {"GET": "journeys:read"}
    serializer_class = JourneySerializer
    filterset_class = JourneyFilters
    orderings: ClassVar = {"created_at": "created_at", "name": "name"}

    @extend_schema(operation_id="journeys_list", tags=["Journeys"], summary="List journeys")
    def get(self, request: Request) -> Response:
        """One page of journeys."""
        return self.page(Journey.objects.select_related("live_version"))


class JourneyView(ApiView):
    """One journey."""

    scopes: ClassVar = {"GET": "journeys:read"}

    @extend_schema(
        operation_id="journeys_retrieve",
        tags=["Journeys"],
        summary="Read a journey with its numbers",
        description="Steps are those of the live version; numbers are of all versions.",
        responses={200: JourneyDetailSerializer},
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """The journey, counted now."""
        journey = journey_or_404(journey_id)
        numbers = NumbersSerializer(journey_numbers([journey.pk])[journey.pk]).data
        shown = JourneySerializer(journey).data
        return Response({**shown, "numbers": numbers, "steps": steps_of(journey)})


def steps_of(journey: Journey) -> list[dict[str, Any]]:
    """The live version's steps in reading order with their counts; none before publishing."""
    if journey.live_version is None:
        return []
    numbers = step_numbers(journey)
    return [
        _step(node, place, numbers.get(node.id, StepNumbers()))
        for node, place in walk(parse(journey.live_version.definition).steps)
    ]


def _step(node: StepNode, place: Place, numbers: StepNumbers) -> dict[str, Any]:
    plugin = steps.get(node.kind)
    return {
        "id": node.id,
        "kind": node.kind,
        "label": str(plugin.label),
        "summary": plugin.words(node.config),
        "parent_id": place.parent,
        "branch": place.lane,
        **vars(numbers),
    }


class VersionsView(ListView):
    """The versions of a journey."""

    scopes: ClassVar = {"GET": "journeys:read"}
    serializer_class = VersionSerializer
    orderings: ClassVar = {"number": "number"}
    default_order = "-number"

    @extend_schema(
        operation_id="journey_versions_list",
        tags=["Journeys"],
        summary="List the published versions of a journey",
        description="Newest first, each with its full definition.",
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """One page of versions."""
        return self.page(journey_or_404(journey_id).versions.all())


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
