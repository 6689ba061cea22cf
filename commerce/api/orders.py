"""Orders: list, read, create or update, and say what became of one."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api.offered import OfferedOrderSerializer, as_order
from commerce.api.shown import OrderSerializer
from commerce.api.taking import Door
from commerce.ingest import take_orders
from commerce.models import Order
from core.api.bulk import BulkResultSerializer
from core.api.fields import StrictSerializer
from core.api.filters import MomentFilter
from core.api.json_body import BatchJSONParser
from core.api.views import ApiView, ListView

ORDER_EXAMPLE: dict[str, Any] = {
    "external_id": "8812",
    "number": "#8812",
    "currency": "EUR",
    "total": "16.70",
    "shipping": "4.90",
    "placed_at": "2026-11-20T12:00:00Z",
    "customer": {"email": "ada@example.com", "first_name": "Ada"},
    "cart_external_id": "c-77",
    "coupon_codes": ["WELCOME10"],
    "lines": [
        {
            "name": "Rye loaf, 800 g",
            "product_external_id": "rye-800",
            "quantity": 2,
            "unit_price": "5.90",
        }
    ],
}


class OrderBatchSerializer(StrictSerializer):
    """Orders to create or update."""

    orders = OfferedOrderSerializer(many=True)


class OrderFilters(django_filters.FilterSet):
    """What the list of orders can be narrowed by."""

    external_id = django_filters.CharFilter()
    source = django_filters.CharFilter()
    number = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=Order.Status.choices)
    contact_id = django_filters.UUIDFilter()
    placed_after = MomentFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = MomentFilter(field_name="placed_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = []


def order_rows() -> QuerySet[Order]:
    """Orders with their lines, in two statements whatever their number."""
    return Order.objects.prefetch_related("lines")


ORDERS = Door(
    name="orders",
    offered=OfferedOrderSerializer,
    shape=as_order,
    take=take_orders,
    shown=OrderSerializer,
    rows=order_rows,
)


class OrdersView(ListView):
    """All orders."""

    scopes: ClassVar = {"GET": "commerce:read", "POST": "commerce:write"}
    serializer_class = OrderSerializer
    filterset_class = OrderFilters
    orderings: ClassVar = {"placed_at": "placed_at", "changed_at": "changed_at"}
    default_order = "-placed_at"
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="orders_list",
        tags=["Shop"],
        summary="List orders",
        description="Newest first.",
    )
    def get(self, request: Request) -> Response:
        """One page of orders."""
        return self.page(order_rows())

    @extend_schema(
        operation_id="orders_upsert",
        tags=["Shop"],
        summary="Create or update an order",
        description=(
            "Found by external_id: 201 when created, 200 when it was there. Send the whole order, "
            "or only external_id and what has become of it, such as `delivered_at`. Each moment "
            "is kept once known; the status follows from them. Sending it twice is harmless."
        ),
        request=OfferedOrderSerializer,
        responses={200: OrderSerializer, 201: OrderSerializer},
        examples=[OpenApiExample("Two loaves", ORDER_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write one order, and show it as it now is."""
        return ORDERS.one(request)


class OrdersBulkView(ApiView):
    """Many orders."""

    scopes: ClassVar = {"POST": "commerce:write"}
    parser_classes = [BatchJSONParser]

    @extend_schema(
        operation_id="orders_bulk",
        tags=["Shop"],
        summary="Create or update up to 1,000 orders",
        description=(
            "Every order has its own result: `created`, `updated`, `unchanged` or `refused`. A "
            "refused one never keeps the others out; what could not be used of one that was "
            "taken stands among its `errors` with the code `note`."
        ),
        request=OrderBatchSerializer,
        responses={200: BulkResultSerializer},
        examples=[OpenApiExample("Two loaves", {"orders": [ORDER_EXAMPLE]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Write what can be written, and say what became of each."""
        return ORDERS.many(request)


class OrderView(ApiView):
    """One order."""

    scopes: ClassVar = {"GET": "commerce:read"}

    @extend_schema(
        operation_id="orders_retrieve",
        tags=["Shop"],
        summary="Read an order",
        responses={200: OrderSerializer},
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """The order as it now is."""
        return Response(ORDERS.show(order_id))
