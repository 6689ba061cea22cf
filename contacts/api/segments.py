"""Segments: list, read, create, change, delete, who is in, and how many can be mailed."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import saved_segments
from contacts.api.people import contact_rows
from contacts.api.shapes import ContactSerializer
from contacts.audience import audience_counts
from contacts.models import Segment
from contacts.naming import names_read_once
from contacts.segments import as_q, scope_at, too_large
from contacts.tree_editing import read, words_of
from core.api.errors import ApiRefusal, refuse, refuse_all
from core.api.fields import StrictSerializer
from core.api.json_body import BatchJSONParser, value_problem
from core.api.schema import error_response
from core.api.views import ApiView, ListView
from core.errors import Invalid, Problem

CONFLICTS = {"segment_exists", "segment_in_use"}
TREE_HELP = (
    '`{"all": […]}`, `{"any": […]}`, `{"not": …}` or a condition '
    '`{"kind": "tag", "config": {"test": "has", "tag": "vip"}}`; `{}` is everybody.'
)
EXAMPLE: dict[str, Any] = {
    "name": "VIPs who may be emailed",
    "tree": {
        "all": [
            {"kind": "tag", "config": {"test": "has", "tag": "vip"}},
            {"kind": "consent", "config": {"state": "mailable"}},
        ]
    },
}


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    """A saved segment; who is in it is looked up each time."""

    id = serializers.UUIDField()
    tree = serializers.DictField(help_text=TREE_HELP)
    words = serializers.SerializerMethodField(help_text="The conditions in words.")

    class Meta:
        model = Segment
        fields = ["id", "name", "tree", "words", "created_at", "updated_at"]
        read_only_fields = fields

    def get_words(self, segment: Segment) -> str:
        """As the pages say it."""
        return words_of(read(segment.tree))


class NewSegmentSerializer(StrictSerializer):
    """A segment to create."""

    name = serializers.CharField(max_length=saved_segments.NAME_MAX)
    tree = serializers.DictField(help_text=TREE_HELP)


class SegmentChangesSerializer(StrictSerializer):
    """What may be changed; what is left out stays."""

    name = serializers.CharField(max_length=saved_segments.NAME_MAX, required=False)
    tree = serializers.DictField(help_text=TREE_HELP, required=False)


class ReasonsSerializer(serializers.Serializer[Any]):
    """One reason a person, the first that holds."""

    no_address = serializers.IntegerField()
    suppressed = serializers.IntegerField(help_text="Bounced, complained or blocked.")
    no_consent = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Any]):
    """How many people; `size` is `mailable` and all of `not_mailable`."""

    size = serializers.IntegerField()
    mailable = serializers.IntegerField()
    not_mailable = ReasonsSerializer()


def segment_or_404(segment_id: UUID) -> Segment:
    """The segment of this workspace."""
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is None:
        raise Http404
    return segment


def _shown(segment: Segment, status: int = 200) -> Response:
    return Response(SegmentSerializer(segment).data, status=status)


def _refusal(refusal: Invalid) -> ApiRefusal:
    """All problems of it; 409 where the request clashes with what is there."""
    status = 409 if refusal.code in CONFLICTS else 400
    problems = refusal.problems or [Problem(refusal.code, refusal.message)]
    found = refuse_all(problems)
    found.status_code = status
    return found


class TreeView(ApiView):
    """Reads bodies that hold a tree, whose depth has an answer of its own."""

    parser_classes = [BatchJSONParser]

    def parsed(self, serializer: type[serializers.Serializer[Any]], **options: Any) -> Any:
        """As everywhere; a tree too deep or too broad is refused by its own name first."""
        data = self.request.data
        if isinstance(data, dict) and (problem := too_large(data.get("tree"))):
            raise refuse(Problem(problem.code, problem.message, "tree"))
        if problem := value_problem(data):
            raise refuse(problem)
        return super().parsed(serializer, **options)


class SegmentsView(TreeView, ListView):
    """All segments."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}
    serializer_class = SegmentSerializer
    orderings: ClassVar = {"name": "name", "created_at": "created_at", "updated_at": "updated_at"}
    default_order = "name"

    @extend_schema(
        operation_id="segments_list",
        tags=["Segments"],
        summary="List segments",
    )
    def get(self, request: Request) -> Response:
        """One page of segments."""
        with names_read_once():
            return self.page(Segment.objects.all())

    @extend_schema(
        operation_id="segments_create",
        tags=["Segments"],
        summary="Create a segment",
        description="Names differ in more than capitals. A segment may look into others.",
        request=NewSegmentSerializer,
        responses={201: SegmentSerializer, 409: error_response("The name is taken.")},
        examples=[OpenApiExample("VIPs", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Create one segment."""
        given = self.parsed(NewSegmentSerializer)
        try:
            segment = saved_segments.create_segment(**given, now=timezone.now())
        except Invalid as refusal:
            raise _refusal(refusal) from None
        return _shown(segment, 201)


class SegmentView(TreeView):
    """One segment."""

    scopes: ClassVar = {
        "GET": "contacts:read",
        "PATCH": "contacts:write",
        "DELETE": "contacts:write",
    }

    @extend_schema(
        operation_id="segments_retrieve",
        tags=["Segments"],
        summary="Read a segment",
        responses={200: SegmentSerializer},
    )
    def get(self, request: Request, segment_id: UUID) -> Response:
        """The segment."""
        return _shown(segment_or_404(segment_id))

    @extend_schema(
        operation_id="segments_update",
        tags=["Segments"],
        summary="Change a segment",
        description="Whatever uses it uses the new conditions from then on.",
        request=SegmentChangesSerializer,
        responses={200: SegmentSerializer, 409: error_response("The name is taken.")},
        examples=[OpenApiExample("Another name", {"name": "Friends"}, request_only=True)],
    )
    def patch(self, request: Request, segment_id: UUID) -> Response:
        """Change what is given."""
        changes = self.parsed(SegmentChangesSerializer)
        try:
            segment = saved_segments.update_segment(
                segment_id=segment_id, changes=changes, now=timezone.now()
            )
        except Invalid as refusal:
            raise _refusal(refusal) from None
        if segment is None:
            raise Http404
        return _shown(segment)

    @extend_schema(
        operation_id="segments_delete",
        tags=["Segments"],
        summary="Delete a segment",
        description="Refused while a journey, a campaign or another segment uses it.",
        request=None,
        responses={204: None, 409: error_response("The segment is in use.")},
    )
    def delete(self, request: Request, segment_id: UUID) -> Response:
        """Delete the segment."""
        try:
            if not saved_segments.delete_segment(segment_id=segment_id):
                raise Http404
        except Invalid as refusal:
            raise _refusal(refusal) from None
        return Response(status=204)


class SegmentContactsView(ListView):
    """Who is in a segment."""

    scopes: ClassVar = {"GET": "contacts:read"}
    serializer_class = ContactSerializer
    orderings: ClassVar = {"created_at": "created_at", "updated_at": "updated_at"}

    @extend_schema(
        operation_id="segment_contacts_list",
        tags=["Segments"],
        summary="List the contacts of a segment",
    )
    def get(self, request: Request, segment_id: UUID) -> Response:
        """One page of contacts, as of now."""
        tree = segment_or_404(segment_id).tree
        rows = contact_rows().filter(as_q(tree, scope_at(timezone.now())))
        return self.page(rows)


class SegmentCountView(ApiView):
    """The size of a segment."""

    scopes: ClassVar = {"GET": "contacts:read"}

    @extend_schema(
        operation_id="segment_count",
        tags=["Segments"],
        summary="Count the contacts of a segment",
        description="Split into who can be mailed, and who cannot and why.",
        responses={200: CountsSerializer},
    )
    def get(self, request: Request, segment_id: UUID) -> Response:
        """The counts, as of now."""
        counts = audience_counts(tree=segment_or_404(segment_id).tree, now=timezone.now())
        return Response(CountsSerializer(counts).data)
