"""Products: list, read, create or update."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api.offered import OfferedProductSerializer, as_product
from commerce.api.shown import ProductSerializer
from commerce.api.taking import Door
from commerce.ingest import take_products
from commerce.models import Product
from core.api.bulk import BulkResultSerializer
from core.api.fields import StrictSerializer
from core.api.filters import MomentFilter, YesNoFilter
from core.api.json_body import BatchJSONParser
from core.api.views import ApiView, ListView

PRODUCT_EXAMPLE: dict[str, Any] = {
    "external_id": "rye-800",
    "name": "Rye loaf, 800 g",
    "price": "5.90",
    "currency": "EUR",
    "url": "https://shop.example/rye",
    "image_url": "https://shop.example/rye.jpg",
    "stock": 12,
    "category_external_ids": ["bread"],
}


class ProductBatchSerializer(StrictSerializer):
    """Products to create or update."""

    products = OfferedProductSerializer(many=True)


class ProductFilters(django_filters.FilterSet):
    """What the list of products can be narrowed by."""

    external_id = django_filters.CharFilter()
    source = django_filters.CharFilter()
    is_on_sale = YesNoFilter()
    changed_after = MomentFilter(field_name="changed_at", lookup_expr="gte")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = []


def product_rows() -> QuerySet[Product]:
    """Products with their variants, in two statements whatever their number."""
    return Product.objects.prefetch_related("variants")


PRODUCTS = Door(
    name="products",
    offered=OfferedProductSerializer,
    shape=as_product,
    take=take_products,
    shown=ProductSerializer,
    rows=product_rows,
)


class ProductsView(ListView):
    """All products."""

    scopes: ClassVar = {"GET": "commerce:read", "POST": "commerce:write"}
    serializer_class = ProductSerializer
    filterset_class = ProductFilters
    orderings: ClassVar = {"created_at": "created_at", "changed_at": "changed_at"}
    default_order = "-created_at"
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="products_list",
        tags=["Shop"],
        summary="List products",
        description="Newest first.",
    )
    def get(self, request: Request) -> Response:
        """One page of products."""
        return self.page(product_rows())

    @extend_schema(
        operation_id="products_upsert",
        tags=["Shop"],
        summary="Create or update a product",
        description=(
            "Found by external_id: 201 when created, 200 when it was there. Sending it twice is "
            "harmless. Lines of orders that named it before it came are tied to it."
        ),
        request=OfferedProductSerializer,
        responses={200: ProductSerializer, 201: ProductSerializer},
        examples=[OpenApiExample("A loaf", PRODUCT_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write one product, and show it as it now is."""
        return PRODUCTS.one(request)


class ProductsBulkView(ApiView):
    """Many products."""

    scopes: ClassVar = {"POST": "commerce:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="products_bulk",
        tags=["Shop"],
        summary="Create or update up to 1,000 products",
        description=(
            "Every product has its own result: `created`, `updated`, `unchanged` or `refused`. A "
            "refused one never keeps the others out; what could not be used of one that was "
            "taken stands among its `errors` with the code `note`."
        ),
        request=ProductBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("A loaf", {"products": [PRODUCT_EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write what can be written, and say what became of each."""
        return PRODUCTS.many(request)


class ProductView(ApiView):
    """One product."""

    scopes: ClassVar = {"GET": "commerce:read"}

    @extend_schema(
        operation_id="products_retrieve",
        tags=["Shop"],
        summary="Read a product",
        responses={200: ProductSerializer},
    )
    def get(self, request: Request, product_id: UUID) -> Response:
        """The product as it now is."""
        return Response(PRODUCTS.show(product_id))
