"""Tags: which there are, and putting them on contacts and taking them off."""

from typing import ClassVar
from uuid import UUID

from django.db.models import Count
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.people import SOURCE, contact_or_404
from contacts.api.shapes import (
    ContactTagsSerializer,
    TagBatchSerializer,
    TagNamesSerializer,
    TagSerializer,
)
from contacts.models import Contact, Tag
from contacts.tags import add_tag, add_tags, remove_tag, tags_of
from core.api.bulk import BulkResultSerializer, ItemResult, bulk_response
from core.api.views import ApiView, ListView
from core.errors import Problem


class TagsView(ListView):
    """All tags."""

    scopes: ClassVar = {"GET": "contacts:read"}
    serializer_class = TagSerializer
    orderings: ClassVar = {"name": "name", "created_at": "created_at"}
    default_order = "name"

    @extend_schema(
        operation_id="tags_list",
        tags=["Tags"],
        summary="List tags",
        description="With how many contacts carry each.",
    )
    def get(self, request: Request) -> Response:
        """One page of tags."""
        return self.page(Tag.objects.annotate(contacts=Count("contact_tags")))


class TagsBulkView(ApiView):
    """One tag on many contacts."""

    scopes: ClassVar = {"POST": "contacts:write"}

    @extend_schema(
        operation_id="tags_bulk",
        tags=["Tags"],
        summary="Put a tag on up to 1,000 contacts, or take it off",
        description=(
            "Every contact has its own result: `added` or `removed`, `unchanged`, or `refused` "
            "when there is no such contact."
        ),
        request=TagBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[
            OpenApiExample(
                "Two guests",
                {
                    "name": "vip",
                    "action": "add",
                    "contact_ids": ["019aa0a0-6c00-7000-8000-000000000001"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Tag or untag those who exist, and say what became of each."""
        given = self.parsed(TagBatchSerializer)
        read = [parse_uuid(text) for text in given["contact_ids"]]
        known = set(
            Contact.objects.filter(pk__in=[each for each in read if each]).values_list(
                "pk", flat=True
            )
        )
        write, done = (add_tag, "added") if given["action"] == "add" else (remove_tag, "removed")
        changed = write(
            contact_ids=sorted(known), name=given["name"], source=SOURCE, now=timezone.now()
        )
        stranger = Problem("contact_not_found", _("There is no contact with this id."))
        return bulk_response(
            ItemResult(place, done if contact_id in changed else "unchanged", str(contact_id))
            if contact_id in known
            else ItemResult(place, "refused", None, [stranger])
            for place, contact_id in enumerate(read)
        )


def parse_uuid(text: str) -> UUID | None:
    """The id a text spells; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class ContactTagsView(ApiView):
    """The tags of one contact."""

    scopes: ClassVar = {"POST": "contacts:write"}

    @extend_schema(
        operation_id="contact_tags_add",
        tags=["Tags"],
        summary="Add tags to a contact",
        request=TagNamesSerializer,
        responses={200: ContactTagsSerializer},
        examples=[OpenApiExample("One tag", {"names": ["vip"]}, request_only=True)],
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        """Add the tags it does not have, and show all it has now."""
        names = self.parsed(TagNamesSerializer)["names"]
        contact_or_404(contact_id)
        add_tags(pairs=[(contact_id, name) for name in names], source=SOURCE, now=timezone.now())
        return Response({"tags": tags_of([contact_id]).get(contact_id, [])})


class ContactTagView(ApiView):
    """One tag of one contact."""

    scopes: ClassVar = {"DELETE": "contacts:write"}

    @extend_schema(
        operation_id="contact_tags_remove",
        tags=["Tags"],
        summary="Take a tag off a contact",
        description="404 when the contact does not have it.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, contact_id: UUID, name: str) -> Response:
        """Take the tag off."""
        contact_or_404(contact_id)
        if not remove_tag(
            contact_ids=[contact_id],
            name=name.replace("\x00", ""),
            source=SOURCE,
            now=timezone.now(),
        ):
            raise Http404
        return Response(status=204)
