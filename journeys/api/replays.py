"""Replays by API: asking for one, reading how far it is and what it came to."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ApiRefusal, refuse
from core.api.fields import StrictSerializer
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Invalid, Problem
from journeys.api.journeys import journey_or_404
from journeys.models import Replay
from journeys.replaying.asking import cancel_replay, request_replay
from journeys.replaying.tally import Json, days_of, journey_numbers_of, part, step_numbers_of


class ReplaySerializer(serializers.ModelSerializer[Replay]):
    """One look back: how far it is."""

    id = serializers.UUIDField()
    journey_id = serializers.UUIDField()
    status = serializers.ChoiceField(Replay.Status.values)
    live_version = serializers.IntegerField(
        source="live_version.number",
        allow_null=True,
        default=None,
        help_text="What the draft is compared with; null when nothing else is live.",
    )
    done = serializers.IntegerField(help_text="People looked at so far.")
    total = serializers.IntegerField()
    error = serializers.CharField(help_text="Why it failed, as a sentence.")

    class Meta:
        model = Replay
        fields = [
            "id",
            "journey_id",
            "draft_revision",
            "live_version",
            "days",
            "status",
            "done",
            "total",
            "error",
            "asked_at",
            "finished_at",
        ]
        read_only_fields = fields


class ReplayDaySerializer(serializers.Serializer[Any]):
    """Messages of one day of the workspace."""

    day = serializers.DateField()
    messages = serializers.IntegerField()


class ReplayHeldSerializer(serializers.Serializer[Any]):
    """One rule that held messages back, for a while or for good."""

    rule = serializers.CharField()
    words = serializers.CharField()
    messages = serializers.IntegerField()
    people = serializers.IntegerField()


class ReplayStepSerializer(serializers.Serializer[Any]):
    """One step, in people."""

    id = serializers.CharField()
    entered = serializers.IntegerField()
    waiting = serializers.IntegerField()
    lost = serializers.IntegerField(help_text="Left the journey here without its goal.")
    left = serializers.DictField(child=serializers.IntegerField())


class FiguresSerializer(serializers.Serializer[Any]):
    """What one version would have done; people unless told."""

    started = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    exited_early = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    converted = serializers.IntegerField()
    held_out = serializers.IntegerField()
    runs = serializers.IntegerField(help_text="Times somebody would have entered.")
    messages = serializers.IntegerField(help_text="Messages that would have been sent.")
    most_in_a_week = serializers.IntegerField(help_text="Messages to one person in seven days.")
    per_day = ReplayDaySerializer(many=True)
    held_back = ReplayHeldSerializer(many=True)
    not_let_in = serializers.DictField(
        child=serializers.IntegerField(), help_text="How often, by reason."
    )
    endings = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Runs by how they ended; empty for the end of the journey.",
    )
    shared_with = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="People inside another live journey at the same time, by its id.",
    )
    steps = ReplayStepSerializer(many=True)


class ReplayDetailSerializer(ReplaySerializer):
    """One look back with its figures, which grow while it runs."""

    draft = FiguresSerializer(allow_null=True)
    live = FiguresSerializer(allow_null=True)

    class Meta(ReplaySerializer.Meta):
        fields = [*ReplaySerializer.Meta.fields, "draft", "live"]
        read_only_fields = fields


class NewReplaySerializer(StrictSerializer):
    """How far back."""

    days = serializers.ChoiceField(Replay.DAYS, default=90)


def replay_or_404(journey_id: UUID, replay_id: UUID) -> Replay:
    """The replay of this journey; another workspace's looks like one that never was."""
    known = Replay.objects.select_related("live_version")
    found = known.filter(pk=replay_id, journey_id=journey_id).first()
    if found is None:
        raise Http404
    return found


class ReplaysView(ListView):
    """The replays of a journey."""

    scopes: ClassVar = {"GET": "journeys:read", "POST": "journeys:write"}
    serializer_class = ReplaySerializer
    orderings: ClassVar = {"asked_at": "asked_at"}
    default_order = "-asked_at"

    @extend_schema(
        operation_id="replays_list",
        tags=["Journeys"],
        summary="List the replays of a journey",
        description="The last five are kept.",
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """One page of replays."""
        rows = journey_or_404(journey_id).replays.select_related("live_version")
        return self.page(rows.defer("definition", "result", "samples"))

    @extend_schema(
        operation_id="replays_create",
        tags=["Journeys"],
        summary="Replay the last 30 or 90 days through the draft",
        description=(
            "It runs in the background and writes nothing but its own figures. 409 `replay_open` "
            "while one runs, `cannot_replay` with what stands against publishing the draft, "
            "`no_history` when only people start the journey."
        ),
        request=NewReplaySerializer,
        responses={
            201: ReplaySerializer,
            409: error_response("The draft cannot be replayed now."),
        },
        examples=[OpenApiExample("Three months", {"days": 90}, request_only=True)],
    )
    def post(self, request: Request, journey_id: UUID) -> Response:
        """Queue a replay of the draft as it is now."""
        given = self.parsed(NewReplaySerializer)
        journey = journey_or_404(journey_id)
        try:
            made = request_replay(journey=journey, days=given["days"], now=timezone.now())
        except Invalid as refusal:
            raise _clash(refusal) from None
        return Response(ReplaySerializer(made).data, status=201)


def _clash(refusal: Invalid) -> ApiRefusal:
    return ApiRefusal(refusal.code, str(refusal.message), status=409, problems=refusal.problems)


class ReplayView(ApiView):
    """One replay."""

    scopes: ClassVar = {"GET": "journeys:read"}

    @extend_schema(
        operation_id="replays_retrieve",
        tags=["Journeys"],
        summary="Read a replay with its figures",
        description="`draft` and `live` are null before the first people were looked at; `live` "
        "also where the draft is what is live.",
        responses={200: ReplayDetailSerializer},
    )
    def get(self, request: Request, journey_id: UUID, replay_id: UUID) -> Response:
        """The replay as far as it is."""
        found = replay_or_404(journey_id, replay_id)
        figures = {
            name: figures_of(found.result[name]) if name in found.result else None
            for name in ("draft", "live")
        }
        return Response({**ReplaySerializer(found).data, **figures})


class ReplayCancelView(ApiView):
    """Stopping a replay."""

    scopes: ClassVar = {"POST": "journeys:write"}

    @extend_schema(
        operation_id="replays_cancel",
        tags=["Journeys"],
        summary="Stop a replay",
        description="What it has counted so far stays.",
        request=None,
        responses={200: ReplaySerializer, 409: error_response("It is over already.")},
    )
    def post(self, request: Request, journey_id: UUID, replay_id: UUID) -> Response:
        """Stop it after the people in hand."""
        found = replay_or_404(journey_id, replay_id)
        if self.request.data:
            raise refuse(Problem("unexpected_body", _("This call takes no body.")))
        if not cancel_replay(replay=found, now=timezone.now()):
            raise ApiRefusal("wrong_state", _("This replay is over already."), status=409)
        return Response(ReplaySerializer(replay_or_404(journey_id, replay_id)).data)


def figures_of(written: Json) -> Json:
    """The figures of one version in the API's words."""
    counts, people = written.get("counts", {}), written.get("people", {})
    numbers = vars(journey_numbers_of(written))
    return {
        **{name: numbers[name] for name in numbers if name != "held_out_converted"},
        "runs": counts.get("runs", 0),
        "messages": counts.get("verdict:send", 0),
        "most_in_a_week": written["week"]["most"],
        "per_day": [{"day": day, "messages": count} for day, count in days_of(written)],
        "held_back": [
            {
                "rule": rule,
                "words": written["words"].get(rule, ""),
                "messages": messages,
                "people": people.get(f"held:{rule}", 0),
            }
            for rule, messages in part(counts, "held:").items()
        ],
        "not_let_in": part(counts, "refused:"),
        "endings": part(counts, "ending:"),
        "shared_with": part(people, "shared:"),
        "steps": [
            {"id": step_id, **vars(numbers)}
            for step_id, numbers in step_numbers_of(written).items()
        ],
    }
