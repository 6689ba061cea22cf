"""Campaigns by API: writing one, sending, pausing, and reading what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import launching
from campaigns.audience import audience_words
from campaigns.launching import CampaignDraft
from campaigns.models import Campaign
from campaigns.report import FIGURES, SHARE_OF, links_of, numbers_of, rate, reasons_of
from contacts.naming import names_read_once
from core.api.errors import ApiRefusal, refuse
from core.api.fields import StrictSerializer
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Invalid, Problem
from events.ingest import parse_timestamp
from tenants.context import current_workspace

Kind = Campaign.Audience
# What each kind of audience is sent with.
WANTED = {"tag": Kind.TAG, "segment": Kind.SEGMENT, "tree": Kind.CONDITIONS}


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """One send to an audience."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Campaign.Status.values)
    template_id = serializers.UUIDField()
    audience_kind = serializers.ChoiceField(Kind.values)
    audience = serializers.DictField(help_text="The tree of conditions it comes down to.")
    audience_words = serializers.SerializerMethodField()
    send_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: as soon as it is told to go."
    )
    started_at = serializers.DateTimeField(
        allow_null=True, help_text="Its audience is who belonged to it at this moment."
    )

    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "status",
            "template_id",
            "audience_kind",
            "audience",
            "audience_words",
            "send_at",
            "started_at",
            "finished_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_audience_words(self, campaign: Campaign) -> str:
        """For whom it is, in a sentence."""
        return audience_words(campaign)


class AudienceSerializer(StrictSerializer):
    """For whom: `everyone` (all subscribers), or a `tag`, a `segment` or a `tree` of conditions."""

    kind = serializers.ChoiceField(Kind.values)
    tag = serializers.CharField(required=False, max_length=60, help_text="With kind `tag`.")
    segment = serializers.UUIDField(required=False, help_text="With kind `segment`.")
    tree = serializers.DictField(required=False, help_text="With kind `conditions`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, kind in WANTED.items():
            is_wanted = attrs["kind"] == kind
            if is_wanted != (name in attrs):
                words = _("Send it with this kind of audience, and with no other.")
                raise serializers.ValidationError({name: words}, code="invalid")
        return attrs


class MomentField(serializers.DateTimeField):
    """A moment that says its time zone."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = parse_timestamp(value)
        if moment is None:
            words = _("Write a moment such as 2026-11-20T12:00:00Z.")
            raise serializers.ValidationError(words, code="bad_timestamp")
        return moment


class NewCampaignSerializer(StrictSerializer):
    """A draft; it goes out when it is told to."""

    name = serializers.CharField(max_length=120)
    template_id = serializers.UUIDField()
    audience = AudienceSerializer()
    send_at = MomentField(
        required=False, allow_null=True, help_text="With a time zone. Null: once it is told to go."
    )


class ReasonSerializer(serializers.Serializer[Any]):
    """Why so many messages were not sent, failed, are in doubt or wait."""

    status = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()
    count = serializers.IntegerField()


class LinkSerializer(serializers.Serializer[Any]):
    """How many people clicked one link of the mail."""

    url = serializers.CharField(help_text="Empty where each person had an address of their own.")
    people = serializers.IntegerField()


class ReportSerializer(serializers.Serializer[Any]):
    """`recipients = sent + skipped + failed + in_doubt + waiting`; `delivered = sent - bounced`."""

    numbers = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"People: {', '.join(FIGURES)}."
    )
    rates = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        help_text="From 0 to 1, of delivered (sent and bounced: of recipients and sent); null when "
        "there is nothing to be a share of.",
    )
    reasons = ReasonSerializer(many=True)
    links = LinkSerializer(many=True)


class CampaignFilters(django_filters.FilterSet):
    """What the list of campaigns can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Campaign.Status.choices)

    class Meta:
        model = Campaign
        fields: ClassVar[list[str]] = []


def campaign_or_404(campaign_id: UUID) -> Campaign:
    """The campaign of this workspace; another workspace's looks like one that never was."""
    found = Campaign.objects.select_related("template_version").filter(pk=campaign_id).first()
    if found is None:
        raise Http404
    return found


class CampaignsView(ListView):
    """All campaigns."""

    scopes: ClassVar = {"GET": "campaigns:read", "POST": "campaigns:write"}
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilters
    # Ids grow with time, and their index is there already.
    orderings: ClassVar = {"created_at": "id"}

    @extend_schema(operation_id="campaigns_list", tags=["Campaigns"], summary="List campaigns")
    def get(self, request: Request) -> Response:
        """One page of campaigns."""
        with names_read_once():
            return self.page(Campaign.objects.all())

    @extend_schema(
        operation_id="campaigns_create",
        tags=["Campaigns"],
        summary="Write a campaign",
        description="It is a draft: nothing leaves before `POST /campaigns/{id}/send`.",
        request=NewCampaignSerializer,
        responses={201: CampaignSerializer},
        examples=[
            OpenApiExample(
                "To everybody with a tag",
                {
                    "name": "Stir-up Sunday",
                    "template_id": "019aa0a0-6c00-7000-8000-000000000001",
                    "audience": {"kind": "tag", "tag": "sourdough"},
                    "send_at": "2026-11-27T09:00:00+01:00",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Save a draft; every problem with it at once."""
        given = self.parsed(NewCampaignSerializer)
        audience = given["audience"]
        campaign = launching.save_campaign(
            draft=CampaignDraft(
                name=given["name"],
                template_id=given["template_id"],
                audience_kind=audience["kind"],
                tag=audience.get("tag", ""),
                segment=str(audience.get("segment", "")),
                tree=audience.get("tree", {}),
                send_at=given.get("send_at"),
                send_zone=current_workspace("Campaigns").timezone,
            ),
            now=timezone.now(),
        )
        return Response(CampaignSerializer(campaign).data, status=201)


class CampaignView(ApiView):
    """One campaign."""

    scopes: ClassVar = {"GET": "campaigns:read"}

    @extend_schema(
        operation_id="campaigns_retrieve",
        tags=["Campaigns"],
        summary="Read a campaign",
        responses={200: CampaignSerializer},
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        """The campaign as it stands now."""
        return Response(CampaignSerializer(campaign_or_404(campaign_id)).data)


class CampaignReportView(ApiView):
    """What came of one campaign."""

    scopes: ClassVar = {"GET": "campaigns:read"}

    @extend_schema(
        operation_id="campaigns_report",
        tags=["Campaigns"],
        summary="Read a campaign's numbers",
        description="Opens and clicks are people's; what machines fetched has its own number.",
        responses={200: ReportSerializer},
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        """The numbers, counted now."""
        campaign = campaign_or_404(campaign_id)
        numbers = numbers_of([campaign.pk])[campaign.pk]
        return Response(
            {
                "numbers": numbers,
                "rates": {name: rate(numbers, name) for name in SHARE_OF},
                "reasons": [vars(each) for each in reasons_of(campaign.pk)],
                "links": [{"url": each.url, "people": each.people} for each in links_of(campaign)],
            }
        )


class ActView(ApiView):
    """Something done to a whole campaign; doing it twice is refused, and changes nothing."""

    scopes: ClassVar = {"POST": "campaigns:write"}
    act: ClassVar[Callable[..., Any]]

    def done(self, campaign_id: UUID) -> Response:
        """The campaign afterwards; raises ApiRefusal 409 when it cannot be done now."""
        campaign_or_404(campaign_id)
        if self.request.data:
            raise refuse(Problem("unexpected_body", _("This call takes no body.")))
        try:
            type(self).act(campaign_id=campaign_id, now=timezone.now())
        except Invalid as refusal:
            raise ApiRefusal(
                refusal.code, str(refusal.message), status=409, problems=refusal.problems
            ) from None
        return Response(CampaignSerializer(campaign_or_404(campaign_id)).data)


def _documented(name: str, summary: str, description: str) -> Any:
    return extend_schema(
        operation_id=f"campaigns_{name}",
        tags=["Campaigns"],
        summary=summary,
        description=description,
        request=None,
        responses={
            200: CampaignSerializer,
            409: error_response("The campaign is not in a state in which this can be done."),
        },
    )


class CampaignSendView(ActView):
    """Starting a campaign."""

    act = staticmethod(launching.launch_campaign)

    @_documented(
        "send",
        "Send or schedule a campaign",
        "Starts it now, or at its `send_at`. 409 `not_ready` lists in `errors` what is missing, "
        "409 `wrong_state` says that it was started before: so that sending twice is sending once.",
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Start it, or put it on the agenda."""
        return self.done(campaign_id)


class CampaignPauseView(ActView):
    """Pausing a campaign."""

    act = staticmethod(launching.pause_campaign)

    @_documented(
        "pause",
        "Pause a campaign",
        "What has not left waits; what is being handed to the provider right now may still go.",
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Hold the rest."""
        return self.done(campaign_id)


class CampaignResumeView(ActView):
    """Resuming a campaign."""

    act = staticmethod(launching.resume_campaign)

    @_documented("resume", "Resume a campaign", "It goes on with exactly the rest.")
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Let the rest go."""
        return self.done(campaign_id)


class CampaignCancelView(ActView):
    """Cancelling a campaign."""

    act = staticmethod(launching.cancel_campaign)

    @_documented(
        "cancel",
        "Cancel a campaign",
        "Whoever does not have it yet will not get it; their messages say `campaign_cancelled`.",
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        """Stop it for good."""
        return self.done(campaign_id)
