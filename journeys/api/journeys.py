"""Journeys by API: reading them with their numbers, and their versions."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView, ListView
from journeys.contracts import steps
from journeys.definition import Place, StepNode, parse, walk
from journeys.models import Journey, JourneyVersion
from journeys.numbers import StepNumbers, journey_numbers, step_numbers


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


class JourneyFilters(django_filters.FilterSet):
    """What the list of journeys can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Journey.Status.choices)

    class Meta:
        model = Journey
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
