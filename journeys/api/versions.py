"""Publishing by API, now or at a time, and the versions there are."""

from collections.abc import Mapping
from datetime import datetime
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
from core.api.views import ApiView
from core.errors import Invalid, Problem
from events.ingest import parse_timestamp
from journeys.api.journeys import VersionSerializer, journey_or_404
from journeys.draft_log import Author
from journeys.drafts import operate
from journeys.models import Journey, JourneyVersion, PlannedPublishing, VersionMove
from journeys.moving import Moving
from journeys.scheduling import cancel_planned, plan_publishing
from journeys.services import Publisher, publish_journey
from journeys.stretches import came_in

# What may become possible later without another request; all else is wrong as it is.
CONFLICTS = ("cannot_publish",)


class MoveSerializer(serializers.ModelSerializer[VersionMove]):
    """People inside on their way to a version; runs, those held out left out."""

    version = serializers.IntegerField(source="version.number")
    asked = serializers.IntegerField(help_text="Inside when it was asked for.")
    kept = serializers.IntegerField(help_text="Kept their place.")
    moved = serializers.IntegerField(help_text="Went to another step.")
    left = serializers.IntegerField(help_text="Left the journey.")

    class Meta:
        model = VersionMove
        fields = ["version", "asked", "kept", "moved", "left", "begun_at", "finished_at"]
        read_only_fields = fields


class PlannedSerializer(serializers.ModelSerializer[PlannedPublishing]):
    """The draft that goes live at a time, as it was when that was planned."""

    people = serializers.SerializerMethodField()
    mapping = serializers.DictField()
    ask_again = serializers.BooleanField(source="asks_again")
    refusal = serializers.CharField(
        help_text="Why it was not published when the time came, in words; empty before."
    )

    class Meta:
        model = PlannedPublishing
        fields = ["at", "people", "mapping", "ask_again", "planned_at", "refusal"]
        read_only_fields = fields

    def get_people(self, planned: PlannedPublishing) -> str:
        """`stay` or `move`."""
        return "move" if planned.moves else "stay"


class PublishedSerializer(serializers.Serializer[Any]):
    """What came of publishing: a version, or a plan for one."""

    version = serializers.IntegerField(
        allow_null=True, help_text="Live now; null when it is planned."
    )
    move = MoveSerializer(allow_null=True)
    planned = PlannedSerializer(allow_null=True)


class VersionDetailSerializer(VersionSerializer):
    """A version with the people who came in while it was live, and who is inside by it."""

    started = serializers.IntegerField()
    converted = serializers.IntegerField()
    inside = serializers.IntegerField()
    moves = MoveSerializer(many=True, help_text="Moves of people to it, newest first.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "started", "converted", "inside", "moves"]
        read_only_fields = fields


class RestoredSerializer(serializers.Serializer[Any]):
    """The draft after a version was restored into it."""

    version = serializers.IntegerField()
    draft_revision = serializers.IntegerField()


class MomentField(serializers.DateTimeField):
    """A moment that says its time zone."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = parse_timestamp(value)
        if moment is None:
            words = _("Write a moment such as 2026-11-20T12:00:00Z.")
            raise serializers.ValidationError(words, code="bad_timestamp")
        return moment


class PublishSerializer(StrictSerializer):
    """Who moves where, and when it happens."""

    people = serializers.ChoiceField(
        ["stay", "move"], required=False, help_text="`stay` on their versions, when left out."
    )
    mapping = serializers.DictField(
        child=serializers.CharField(allow_null=True, max_length=16),
        required=False,
        help_text="By the id of a step that the draft lacks: the id of the step to go to, or null "
        "for out of the journey. A step left out takes the next one that is still there.",
    )
    ask_again = serializers.BooleanField(
        required=False, help_text="Ask changed waits again at once, from when people came there."
    )
    at = MomentField(required=False, allow_null=True, help_text="With a time zone. Null: now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What only makes sense when people move is refused when they do not."""
        if attrs.get("people") != "move":
            for name in ("mapping", "ask_again"):
                if attrs.get(name):
                    words = _("Send it with people: move.")
                    raise serializers.ValidationError({name: words}, code="invalid")
        return attrs


def _publisher(request: Request) -> Publisher:
    return Publisher(name=str(getattr(request.auth, "name", "API"))[:120])


def _moving(given: Mapping[str, Any]) -> Moving | None:
    if given.get("people") != "move":
        return None
    return Moving(given.get("mapping") or {}, bool(given.get("ask_again")))


def _as_refusal(refusal: Invalid) -> ApiRefusal:
    status = 409 if refusal.code in CONFLICTS else 400
    return ApiRefusal(refusal.code, str(refusal.message), status=status, problems=refusal.problems)


class PublishView(ApiView):
    """Publishing the draft."""

    scopes: ClassVar = {"POST": "journeys:publish"}

    @extend_schema(
        operation_id="journeys_publish",
        tags=["Journeys"],
        summary="Publish a journey's draft",
        description=(
            "The draft becomes the next version; new people enter by it at once. People inside "
            "stay on theirs, or move: whoever stands at a step that is still there keeps their "
            "place, the others go where `mapping` says. Moving goes on after the answer; "
            "`GET …/versions/{number}` tells how far it is. With `at` the draft goes live then, "
            "as it is now. An unchanged draft gives the live version again. 409 `cannot_publish` "
            "lists in `errors` what stands against it."
        ),
        request=PublishSerializer,
        responses={
            200: PublishedSerializer,
            409: error_response("Something stands against publishing."),
        },
        examples=[
            OpenApiExample(
                "Everybody moves",
                {"people": "move", "mapping": {"wait1": "mail2", "mail9": None}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, journey_id: UUID) -> Response:
        """Publish, or plan it."""
        journey = journey_or_404(journey_id)
        given = self.parsed(PublishSerializer)
        now, at, by = timezone.now(), given.get("at"), _publisher(request)
        asked: dict[str, Any] = {"journey": journey, "now": now, "moving": _moving(given)}
        try:
            if at is not None:
                planned = plan_publishing(at=at, by=by, **asked)
                return self.told(planned=planned)
            version = publish_journey(by=by, **asked)
        except Invalid as refusal:
            raise _as_refusal(refusal) from None
        move = version.moves.filter(begun_at=now).first() if asked["moving"] else None
        return self.told(version=version, move=move)

    def told(
        self,
        *,
        version: JourneyVersion | None = None,
        move: VersionMove | None = None,
        planned: PlannedPublishing | None = None,
    ) -> Response:
        """The answer."""
        return Response(
            {
                "version": version.number if version else None,
                "move": MoveSerializer(move).data if move else None,
                "planned": PlannedSerializer(planned).data if planned else None,
            }
        )


class PlannedView(ApiView):
    """The publishing that is planned."""

    scopes: ClassVar = {"GET": "journeys:read", "DELETE": "journeys:publish"}

    @extend_schema(
        operation_id="journeys_planned_retrieve",
        tags=["Journeys"],
        summary="Read when a journey's draft is to be published",
        responses={200: PlannedSerializer},
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """The plan; 404 when there is none."""
        planned = PlannedPublishing.objects.filter(journey=journey_or_404(journey_id)).first()
        if planned is None:
            raise Http404
        return Response(PlannedSerializer(planned).data)

    @extend_schema(
        operation_id="journeys_planned_cancel",
        tags=["Journeys"],
        summary="Do not publish at the planned time",
        responses={204: None},
    )
    def delete(self, request: Request, journey_id: UUID) -> Response:
        """Forget the plan; 404 when there is none."""
        if self.request.data:
            raise refuse(Problem("unexpected_body", _("This call takes no body.")))
        if not cancel_planned(journey=journey_or_404(journey_id)):
            raise Http404
        return Response(status=204)


def version_or_404(journey: Journey, number: int) -> JourneyVersion:
    """The version of that number."""
    version = journey.versions.filter(number=number).first()
    if version is None:
        raise Http404
    return version


class VersionView(ApiView):
    """One version."""

    scopes: ClassVar = {"GET": "journeys:read"}

    @extend_schema(
        operation_id="journey_versions_retrieve",
        tags=["Journeys"],
        summary="Read a version with its people",
        description=(
            "`started` and `converted` are of those who came in while it was live, whatever "
            "happened to them later; `inside` are on this version now, whenever they came in."
        ),
        responses={200: VersionDetailSerializer},
    )
    def get(self, request: Request, journey_id: UUID, number: int) -> Response:
        """The version, counted now."""
        journey = journey_or_404(journey_id)
        version = version_or_404(journey, number)
        counts = came_in(journey, list(journey.versions.order_by("-number")))[version.pk]
        moves = version.moves.select_related("version").order_by("-begun_at")
        return Response(
            {
                **VersionSerializer(version).data,
                "started": counts.started,
                "converted": counts.converted,
                "inside": counts.inside,
                "moves": MoveSerializer(moves, many=True).data,
            }
        )


class VersionRestoreView(ApiView):
    """Restoring a version as the draft."""

    scopes: ClassVar = {"POST": "journeys:write"}

    @extend_schema(
        operation_id="journey_versions_restore",
        tags=["Journeys"],
        summary="Make a version the draft",
        description="Nothing goes live by that: publish the draft afterwards.",
        request=None,
        responses={200: RestoredSerializer},
    )
    def post(self, request: Request, journey_id: UUID, number: int) -> Response:
        """The draft is that version now."""
        if self.request.data:
            raise refuse(Problem("unexpected_body", _("This call takes no body.")))
        journey = journey_or_404(journey_id)
        version_or_404(journey, number)
        done = operate(
            journey=journey,
            op="restore",
            given={"version": number},
            revision=None,
            now=timezone.now(),
            by=Author(name=_publisher(request).name),
        )
        return Response({"version": number, "draft_revision": done.revision})
