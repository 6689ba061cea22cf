"""Reviews: list, read, let out or refuse, reply."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import refuse
from core.api.fields import StrictSerializer
from core.api.views import ApiView, ListView
from core.errors import Problem
from surveys.models import Review
from surveys.services.moderating import (
    REPLY_MAX,
    publish_review,
    refuse_review,
    reply_to_review,
)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """What a customer says about a product they bought."""

    id = serializers.UUIDField()
    contact_id = serializers.UUIDField()
    author = serializers.CharField(help_text="As strangers may read it.")
    status = serializers.ChoiceField(Review.Status.values)
    refused_for = serializers.CharField(help_text="Empty when it was not refused.")
    has_photo = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = [
            "id",
            "contact_id",
            "author",
            "order_id",
            "line_id",
            "product_id",
            "product_name",
            "sku",
            "stars",
            "title",
            "text",
            "language",
            "has_photo",
            "status",
            "refused_for",
            "reply",
            "replied_at",
            "moderated_at",
            "submitted_at",
        ]
        read_only_fields = fields

    def get_has_photo(self, review: Review) -> bool:
        """Whether a photo came with it."""
        return bool(review.photo)


class ReviewFilters(django_filters.FilterSet):
    """What the list can be narrowed by."""

    status = django_filters.ChoiceFilter(choices=Review.Status.choices)
    product_id = django_filters.UUIDFilter()
    sku = django_filters.CharFilter()
    contact_id = django_filters.UUIDFilter()
    order_id = django_filters.UUIDFilter()
    stars = django_filters.NumberFilter(min_value=1, max_value=5)

    class Meta:
        model = Review
        fields: ClassVar[list[str]] = []


class ReviewChangeSerializer(StrictSerializer):
    """What is to become of a review; what is left out stays."""

    status = serializers.ChoiceField([Review.Status.PUBLISHED, Review.Status.REFUSED],
                                     required=False)  # fmt: skip
    reason = serializers.ChoiceField(
        Review.Refusal.values, required=False, help_text="Why it is refused; never for its stars."
    )
    reply = serializers.CharField(
        required=False, allow_blank=True, max_length=REPLY_MAX, help_text="Empty takes it away."
    )


class ReviewsView(ListView):
    """All reviews."""

    scopes: ClassVar = {"GET": "reviews:read"}
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilters
    # Ids grow with time, and their index is there already.
    orderings: ClassVar = {"submitted_at": "id"}
    default_order = "-submitted_at"

    @extend_schema(operation_id="reviews_list", tags=["Reviews"], summary="List reviews")
    def get(self, request: Request) -> Response:
        """One page of reviews."""
        return self.page(review_rows())


def review_rows() -> "QuerySet[Review]":
    """Reviews with whoever wrote them."""
    return Review.objects.select_related("contact")


class ReviewView(ApiView):
    """One review."""

    scopes: ClassVar = {"GET": "reviews:read", "PATCH": "reviews:write"}

    @extend_schema(
        operation_id="reviews_retrieve",
        tags=["Reviews"],
        summary="Read a review",
        responses={200: ReviewSerializer},
    )
    def get(self, request: Request, review_id: UUID) -> Response:
        """The review."""
        return Response(ReviewSerializer(review_or_404(review_id)).data)

    @extend_schema(
        operation_id="reviews_update",
        tags=["Reviews"],
        summary="Publish or refuse a review, or reply to it",
        description=(
            "A refusal names its `reason`, which looks at the words and never at the stars."
        ),
        request=ReviewChangeSerializer,
        responses={200: ReviewSerializer},
        examples=[
            OpenApiExample("Publish", {"status": "published"}, request_only=True),
            OpenApiExample(
                "Refuse", {"status": "refused", "reason": "offensive"}, request_only=True
            ),
        ],
    )
    def patch(self, request: Request, review_id: UUID) -> Response:
        """Change it, whole or not at all, and show it as it now is."""
        wanted = self.parsed(ReviewChangeSerializer)
        _refuse_half(wanted)
        review_or_404(review_id)
        _change(review_id, wanted, by_name=str(getattr(request.auth, "name", "API")))
        return Response(ReviewSerializer(review_or_404(review_id)).data)


def review_or_404(review_id: UUID) -> Review:
    """The review; raises Http404."""
    review = review_rows().filter(pk=review_id).first()
    if review is None:
        raise Http404
    return review


def _refuse_half(wanted: dict[str, Any]) -> None:
    """Raises ApiRefusal for a refusal without its reason, or a reason without a refusal."""
    is_refusal = wanted.get("status") == Review.Status.REFUSED
    if is_refusal and "reason" not in wanted:
        raise refuse(Problem("required", _("Say why it is refused."), "reason"))
    if "reason" in wanted and not is_refusal:
        sentence = _("Only a refusal has a reason.")
        raise refuse(Problem("reason_without_refusal", sentence, "reason"))


@transaction.atomic
def _change(review_id: UUID, wanted: dict[str, Any], *, by_name: str) -> None:
    now = timezone.now()
    who: dict[str, Any] = {"by": None, "by_name": by_name, "now": now}
    if "reply" in wanted:
        reply_to_review(review_id=review_id, reply=wanted["reply"], **who)
    if wanted.get("status") == Review.Status.PUBLISHED:
        publish_review(review_id=review_id, **who)
    if wanted.get("status") == Review.Status.REFUSED:
        refuse_review(review_id=review_id, reason=wanted["reason"], **who)
