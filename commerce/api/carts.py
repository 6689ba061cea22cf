"""Carts: list, read, create or update."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api.offered import OfferedCartSerializer, as_cart
from commerce.api.shown import CartSerializer
from commerce.api.taking import Door
from commerce.ingest import take_carts
from commerce.models import Cart
from core.api.bulk import BulkResultSerializer
from core.api.fields import StrictSerializer
from core.api.filters import MomentFilter
from core.api.json_body import BatchJSONParser
from core.api.views import ApiView, ListView

CART_EXAMPLE: dict[str, Any] = {
    "external_id": "c-77",
    "currency": "EUR",
    "total": "11.80",
    "customer": {"email": "ada@example.com"},
    "restore_url": "https://shop.example/cart/c-77",
    "lines": [
        {
            "name": "Rye loaf, 800 g",
            "product_external_id": "rye-800",
            "quantity": 2,
            "unit_price": "5.90",
        }
    ],
}


class CartBatchSerializer(StrictSerializer):
    """Carts to create or update."""

    carts = OfferedCartSerializer(many=True)


class CartFilters(django_filters.FilterSet):
    """What the list of carts can be narrowed by."""

    external_id = django_filters.CharFilter()
    source = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=Cart.Status.choices)
    contact_id = django_filters.UUIDFilter()
    changed_after = MomentFilter(field_name="changed_at", lookup_expr="gte")

    class Meta:
        model = Cart
        fields: ClassVar[list[str]] = []


def cart_rows() -> QuerySet[Cart]:
    """Carts with their lines, in two statements whatever their number."""
    return Cart.objects.prefetch_related("lines")


CARTS = Door(
    name="carts",
    offered=OfferedCartSerializer,
    shape=as_cart,
    take=take_carts,
    shown=CartSerializer,
    rows=cart_rows,
)


class CartsView(ListView):
    """All carts."""

    scopes: ClassVar = {"GET": "commerce:read", "POST": "commerce:write"}
    serializer_class = CartSerializer
    filterset_class = CartFilters
    orderings: ClassVar = {"started_at": "started_at", "changed_at": "changed_at"}
    default_order = "-changed_at"
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="carts_list",
        tags=["Shop"],
        summary="List carts",
        description="Last changed first.",
    )
    def get(self, request: Request) -> Response:
        """One page of carts."""
        return self.page(cart_rows())

    @extend_schema(
        operation_id="carts_upsert",
        tags=["Shop"],
        summary="Create or update a cart",
        description=(
            "Found by external_id: 201 when created, 200 when it was there. Send it whole each "
            "time it changes; without lines it was emptied. An order that names it ends it."
        ),
        request=OfferedCartSerializer,
        responses={200: CartSerializer, 201: CartSerializer},
        examples=[OpenApiExample("Two loaves", CART_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write one cart, and show it as it now is."""
        return CARTS.one(request)


class CartsBulkView(ApiView):
    """Many carts."""

    scopes: ClassVar = {"POST": "commerce:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="carts_bulk",
        tags=["Shop"],
        summary="Create or update up to 1,000 carts",
        description=(
            "Every cart has its own result: `created`, `updated`, `unchanged` or `refused`. A "
            "refused one never keeps the others out; what could not be used of one that was "
            "taken stands among its `errors` with the code `note`."
        ),
        request=CartBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("Two loaves", {"carts": [CART_EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write what can be written, and say what became of each."""
        return CARTS.many(request)


class CartView(ApiView):
    """One cart."""

    scopes: ClassVar = {"GET": "commerce:read"}

    @extend_schema(
        operation_id="carts_retrieve",
        tags=["Shop"],
        summary="Read a cart",
        responses={200: CartSerializer},
    )
    def get(self, request: Request, cart_id: UUID) -> Response:
        """The cart as it now is."""
        return Response(CARTS.show(cart_id))
