"""Drafts of journeys by API: reading one, and changing it by the operations of the builder."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ApiRefusal, refuse_all
from core.api.fields import ProblemSerializer, StrictSerializer
from core.api.schema import error_response
from core.api.views import ApiView
from core.errors import Problem
from journeys import services
from journeys.api.journeys import journey_or_404
from journeys.draft_log import Author, history_of
from journeys.drafts import TURNS, DraftChanged, Outcome, operate
from journeys.edits import operations
from journeys.models import Journey
from tenants.models import ApiKey


class DraftSerializer(serializers.Serializer[Any]):
    """The draft of a journey as it is now."""

    revision = serializers.IntegerField(help_text="Send it with every operation.")
    definition = serializers.DictField(help_text="Entries, goal, exits, settings and steps.")
    problems = ProblemSerializer(many=True, help_text="What stands against publishing it.")
    undo = serializers.CharField(help_text="What undoing takes back; empty for nothing.")
    redo = serializers.CharField(help_text="What is done again; empty for nothing.")


class DoneSerializer(DraftSerializer):
    """The draft after an operation."""

    said = serializers.CharField(help_text="What was done, in words.")
    focus = serializers.CharField(help_text="The step or part it was done to, such as a new one.")


class OperationSerializer(StrictSerializer):
    """One operation; each takes `op`, `revision` and the fields of its own."""

    op = serializers.CharField(max_length=40)
    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The draft it is meant for."
    )
    kind = serializers.CharField(required=False, help_text="insert, insert_entry.")
    place = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="insert, move, paste: empty for the beginning, a step's id for right after it, "
        "`id.0` for the beginning of its first branch.",
    )
    following = serializers.CharField(
        required=False,
        help_text="insert of a split: the branch that takes the steps that follow, or `after`.",
    )
    step = serializers.CharField(
        required=False, help_text="move, nudge, delete, duplicate, paste, describe."
    )
    by = serializers.CharField(required=False, help_text="nudge: -1 is up, 1 is down.")
    keep = serializers.CharField(
        required=False, help_text="delete of a split: the branch that stays, or `none`."
    )
    from_journey = serializers.CharField(required=False, help_text="paste.")
    lane = serializers.CharField(required=False, help_text="paste: only this branch of the step.")
    name = serializers.CharField(required=False, allow_blank=True, help_text="describe.")
    note = serializers.CharField(required=False, allow_blank=True, help_text="describe.")
    part = serializers.CharField(
        required=False,
        help_text="update, remove: a step's id, `entry:0`, `goal`, `exit:0` or `settings`.",
    )
    config = serializers.DictField(required=False, help_text="update: the settings.")
    definition = serializers.DictField(required=False, help_text="replace: the whole draft.")
    version = serializers.IntegerField(required=False, help_text="restore: its number.")


class DraftView(ApiView):
    """One draft."""

    scopes: ClassVar = {"GET": "journeys:read"}

    @extend_schema(
        operation_id="journey_draft_retrieve",
        tags=["Journeys"],
        summary="Read the draft of a journey",
        description="Nobody goes by it until it is published.",
        responses={200: DraftSerializer},
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """The draft with what stands against publishing it."""
        return Response(_shown(journey_or_404(journey_id)))


class DraftOpsView(ApiView):
    """Changes of one draft."""

    scopes: ClassVar = {"POST": "journeys:write"}

    @extend_schema(
        operation_id="journey_draft_operate",
        tags=["Journeys"],
        summary="Change the draft of a journey",
        description=(
            "One operation: `insert`, `insert_entry`, `move`, `nudge`, `delete`, `duplicate`, "
            "`paste`, `describe`, `update`, `remove`, `replace`, `restore`, `undo` or `redo`. "
            "What cannot be done is refused in words, and nothing changes. Settings that are not "
            "valid yet are kept and listed among the problems: only publishing needs valid ones."
        ),
        request=OperationSerializer,
        responses={
            200: DoneSerializer,
            409: error_response("`draft_changed`: somebody changed the draft meanwhile."),
        },
        examples=[
            OpenApiExample(
                "Wait at the beginning",
                {"op": "insert", "revision": 4, "kind": "wait", "place": ""},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, journey_id: UUID) -> Response:
        """Do it, and give the draft as it is then."""
        fields = self.parsed(OperationSerializer)
        journey = journey_or_404(journey_id)
        op, revision = fields.pop("op"), fields.pop("revision")
        refuse_strangers(op, fields)
        try:
            outcome = operate(
                journey=journey,
                op=op,
                given=fields,
                revision=revision,
                by=_author(request),
                now=timezone.now(),
            )
        except DraftChanged as refusal:
            raise ApiRefusal(refusal.code, refusal.message, status=409) from None
        return Response(_shown(journey, outcome))


def refuse_strangers(op: str, fields: dict[str, Any]) -> None:
    """Raises ApiRefusal for fields that belong to other operations; an unknown one has none."""
    if op not in operations and op not in TURNS:
        return
    known = operations.get(op).fields.base_fields if op in operations else {}
    message = _("This operation has no such field.")
    if strangers := sorted(fields.keys() - known.keys()):
        raise refuse_all([Problem("unknown_field", message, name) for name in strangers])


def _author(request: Request) -> Author:
    key = cast(ApiKey, request.auth)
    return Author(name=(_("API key “%(name)s”") % {"name": key.name})[:120])


def _shown(journey: Journey, outcome: Outcome | None = None) -> dict[str, Any]:
    history = history_of(journey)
    shown = {
        "revision": journey.draft_revision,
        "definition": journey.draft,
        "problems": [each.as_json() for each in services.draft_problems(journey)],
        "undo": history.undo_label(None),
        "redo": history.redo_label(None),
    }
    return shown | ({"said": outcome.said, "focus": outcome.focus} if outcome else {})
