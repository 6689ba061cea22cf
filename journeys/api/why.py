"""Why somebody got something of a journey or did not, by API."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.explaining import Finding
from contacts.models import Contact
from core.api.errors import refuse
from core.api.views import ApiView
from core.errors import Problem
from journeys.api.journeys import journey_or_404
from journeys.explain.answer import UnknownStep, WayIn, Why, why
from journeys.explain.attempts import CODES as ATTEMPT_CODES
from journeys.explain.attempts import Attempt
from journeys.explain.mails import CODES as MAIL_CODES
from journeys.explain.mails import MailAnswer
from journeys.explain.stays import Stay, ToldRun
from journeys.explain.verdict import verdict_of


class WhyVerdictSerializer(serializers.Serializer[Any]):
    """The answer in one sentence."""

    code = serializers.CharField(
        help_text="Of a journey: `inside`, `held`, `completed`, `goal`, `left`, `failed`,"
        " `held_out` or `not_let_in`. Of a step: the code of its message, or `not_let_in`."
    )
    reason = serializers.CharField(help_text="The code of what stood against it; empty for none.")
    sentence = serializers.CharField()


class WhyCheckSerializer(serializers.Serializer[Any]):
    """One thing an entry looked at in an event."""

    wanted = serializers.CharField()
    passed = serializers.BooleanField()
    detail = serializers.CharField(help_text="What the event had.")


class WhyAttemptSerializer(serializers.Serializer[Any]):
    """One time they could have come in."""

    at = serializers.DateTimeField()
    code = serializers.ChoiceField(list(ATTEMPT_CODES))
    what = serializers.CharField()
    words = serializers.CharField()
    checks = WhyCheckSerializer(many=True)
    audience = serializers.DictField(
        allow_null=True,
        help_text="The conditions of the entry with their answers, as of that moment:"
        " `holds`, `words`, `join` (`all`, `any`, `none`) and `parts`.",
    )
    enrolment_id = serializers.UUIDField(allow_null=True)


class WhyEntrySerializer(serializers.Serializer[Any]):
    """One entry, and the newest times it could have let them in."""

    kind = serializers.CharField()
    words = serializers.CharField()
    opened_by = serializers.ChoiceField(["event", "time", "people"])
    note = serializers.CharField(help_text="What stands for attempts where there are none.")
    attempts = WhyAttemptSerializer(many=True)


class WhyStaySerializer(serializers.Serializer[Any]):
    """One stay at one step."""

    step_id = serializers.CharField()
    title = serializers.CharField()
    entered_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(help_text="Empty while they stand there.")
    words = serializers.CharField()
    decision = serializers.DictField(
        allow_null=True, help_text="What a split asked, as of then; as `audience`."
    )
    agrees = serializers.BooleanField(
        help_text="False where the split would go otherwise by what is known now."
    )


class WhyMailSerializer(serializers.Serializer[Any]):
    """What became of one message."""

    step_id = serializers.CharField()
    title = serializers.CharField()
    code = serializers.ChoiceField(list(MAIL_CODES))
    reason = serializers.CharField()
    words = serializers.CharField()


class WhyRunSerializer(serializers.Serializer[Any]):
    """One run, newest first."""

    enrolment_id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    ending = serializers.CharField()
    steps = WhyStaySerializer(many=True)
    messages = WhyMailSerializer(many=True)


class WhySerializer(serializers.Serializer[Any]):
    """Why this contact got what they got of this journey."""

    verdict = WhyVerdictSerializer()
    entries = WhyEntrySerializer(many=True)
    runs = WhyRunSerializer(many=True)


class ExplainView(ApiView):
    """One contact and one journey."""

    scopes: ClassVar = {"GET": "journeys:read"}
    query_parameters: ClassVar[frozenset[str]] = frozenset({"contact", "step"})

    @extend_schema(
        operation_id="journey_explain",
        tags=["Journeys"],
        summary="Explain why a contact got something of a journey, or did not",
        description=(
            "Which entries were considered and what stood against each, the steps of the newest"
            " five runs with what each split saw, and what became of every message. Moments inside"
            " sentences are in the contact's time zone. With `step` it answers about that step."
        ),
        parameters=[
            OpenApiParameter("contact", str, required=True, description="The contact's id."),
            OpenApiParameter("step", str, description="A step's id: why they got it or did not."),
        ],
        responses={200: WhySerializer},
    )
    def get(self, request: Request, journey_id: UUID) -> Response:
        """The answer as of now; nothing is written."""
        journey = journey_or_404(journey_id)
        contact = contact_or_404(request.query_params.get("contact", ""))
        step = request.query_params.get("step", "")[:16]
        try:
            found = why(journey=journey, contact=contact, now=timezone.now(), step_id=step)
        except UnknownStep:
            raise Http404 from None
        return Response(WhySerializer(_as_json(found)).data)


def contact_or_404(text: str) -> Contact:
    """The contact of that id; another workspace's looks like one that never was."""
    if not text:
        sentence = _("Name the contact: ?contact= and its id.")
        raise refuse(Problem("required", sentence, "contact"), status=400)
    try:
        contact = Contact.objects.filter(pk=UUID(text)).first()
    except ValueError:
        contact = None
    if contact is None:
        raise Http404
    return contact


def _as_json(found: Why) -> dict[str, Any]:
    pairs = zip(found.runs, found.mails, strict=True)
    return {
        "verdict": verdict_of(found),
        "entries": [_way(way) for way in found.ways],
        "runs": [_run(told, mails) for told, mails in pairs],
    }


def _way(way: WayIn) -> dict[str, Any]:
    shown = {name: getattr(way, name) for name in ("kind", "words", "opened_by", "note")}
    return {**shown, "attempts": [_attempt(each) for each in way.attempts]}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        **{name: getattr(attempt, name) for name in ("at", "code", "what", "words")},
        "checks": [
            {"wanted": each.label, "passed": each.passed, "detail": each.detail}
            for each in attempt.checks
        ],
        "audience": finding_json(attempt.audience),
        "enrolment_id": attempt.run.pk if attempt.run else None,
    }


def _run(told: ToldRun, mails: Sequence[MailAnswer]) -> dict[str, Any]:
    return {
        "enrolment_id": told.run.pk,
        "version": told.version.number if told.version else None,
        "code": told.code,
        "ending": told.ending,
        "steps": [_stay(stay) for stay in told.stays],
        "messages": mails,
    }


def _stay(stay: Stay) -> dict[str, Any]:
    names = ("step_id", "title", "entered_at", "left_at", "outcome", "words", "agrees")
    return {
        **{name: getattr(stay, name) for name in names},
        "decision": finding_json(stay.decision),
    }


def finding_json(finding: Finding | None) -> dict[str, Any] | None:
    """A tree of conditions with its answers, as JSON."""
    if finding is None:
        return None
    return {
        "holds": finding.holds,
        "words": finding.words,
        "join": finding.join,
        "parts": [finding_json(part) for part in finding.parts],
    }
