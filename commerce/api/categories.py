"""Categories: list, read, create or update."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api.offered import OfferedCategorySerializer, as_category
from commerce.api.shown import CategorySerializer
from commerce.api.taking import Door
from commerce.ingest import take_categories
from commerce.models import Category
from core.api.bulk import BulkResultSerializer
from core.api.fields import StrictSerializer
from core.api.json_body import BatchJSONParser
from core.api.views import ApiView, ListView

CATEGORY_EXAMPLE: dict[str, Any] = {"external_id": "bread", "name": "Bread"}


class CategoryBatchSerializer(StrictSerializer):
    """Categories to create or update."""

    categories = OfferedCategorySerializer(many=True)


class CategoryFilters(django_filters.FilterSet):
    """What the list of categories can be narrowed by."""

    external_id = django_filters.CharFilter()
    source = django_filters.CharFilter()

    class Meta:
        model = Category
        fields: ClassVar[list[str]] = []


def category_rows() -> QuerySet[Category]:
    """All categories."""
    return Category.objects.all()


CATEGORIES = Door(
    name="categories",
    offered=OfferedCategorySerializer,
    shape=as_category,
    take=take_categories,
    shown=CategorySerializer,
    rows=category_rows,
)


class CategoriesView(ListView):
    """All categories."""

    scopes: ClassVar = {"GET": "commerce:read", "POST": "commerce:write"}
    serializer_class = CategorySerializer
    filterset_class = CategoryFilters
    orderings: ClassVar = {"name": "name", "changed_at": "changed_at"}
    default_order = "name"
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="categories_list",
        tags=["Shop"],
        summary="List categories",
        description="By name.",
    )
    def get(self, request: Request) -> Response:
        """One page of categories."""
        return self.page(category_rows())

    @extend_schema(
        operation_id="categories_upsert",
        tags=["Shop"],
        summary="Create or update a category",
        description=(
            "Found by external_id: 201 when created, 200 when it was there. Sending it twice is "
            "harmless; its parent and its products may come before or after it."
        ),
        request=OfferedCategorySerializer,
        responses={200: CategorySerializer, 201: CategorySerializer},
        examples=[OpenApiExample("A shelf", CATEGORY_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write one category, and show it as it now is."""
        return CATEGORIES.one(request)


class CategoriesBulkView(ApiView):
    """Many categories."""

    scopes: ClassVar = {"POST": "commerce:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="categories_bulk",
        tags=["Shop"],
        summary="Create or update up to 1,000 categories",
        description=(
            "Every category has its own result: `created`, `updated`, `unchanged` or `refused`. A "
            "refused one never keeps the others out; what could not be used of one that was "
            "taken stands among its `errors` with the code `note`."
        ),
        request=CategoryBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("A shelf", {"categories": [CATEGORY_EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write what can be written, and say what became of each."""
        return CATEGORIES.many(request)


class CategoryView(ApiView):
    """One category."""

    scopes: ClassVar = {"GET": "commerce:read"}

    @extend_schema(
        operation_id="categories_retrieve",
        tags=["Shop"],
        summary="Read a category",
        responses={200: CategorySerializer},
    )
    def get(self, request: Request, category_id: UUID) -> Response:
        """The category as it now is."""
        return Response(CATEGORIES.show(category_id))
