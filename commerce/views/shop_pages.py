"""Orders, products and carts, for reading."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from commerce import listing
from commerce.models import Cart, Currency, Order, Product
from core.htmx import page_or_partial

Label = str | Promise
MOMENTS: tuple[tuple[str, Label, str], ...] = (
    ("placed_at", _("Placed"), "shopping-bag"),
    ("paid_at", _("Paid"), "credit-card"),
    ("fulfilled_at", _("Sent"), "truck"),
    ("delivered_at", _("Delivered"), "package-check"),
    ("cancelled_at", _("Cancelled"), "ban"),
    ("refunded_at", _("Refunded"), "undo-2"),
)
STOCKS: tuple[tuple[str, Label], ...] = (("out", _("Sold out")), ("off", _("Off sale")))
ALL: tuple[str, Label] = ("", _("All"))


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Orders, newest first: ?q=, ?status=, ?after=."""
    chosen = {"q": _text(request, "q"), "status": _one_of(request, "status", Order.Status.values)}
    rows, cursor = listing.newest_page(
        listing.orders(**chosen), field="placed_at", after=_text(request, "after")
    )
    tabs = _tabs(chosen, "status", [ALL, *Order.Status.choices])
    return page_or_partial(
        request,
        page="commerce/orders.html",
        partial="commerce/_orders.html",
        context={"rows": rows, "groups": tabs, **_around(request, chosen, cursor)},
    )


@require_safe
def order_detail(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One order: what is in it, which moments it passed, whose it is."""
    found = Order.objects.select_related("contact").prefetch_related("lines__product")
    order = get_object_or_404(found, pk=order_id)
    context = {
        "order": order,
        "lines": sorted(order.lines.all(), key=lambda line: line.position),
        "moments": [
            (label, icon, at) for name, label, icon in MOMENTS if (at := getattr(order, name))
        ],
        "carts": list(order.carts.all()[:5]),
        "main_currency": _main_currency(),
        "active": "orders",
    }
    return render(request, "commerce/order.html", context)


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Products by name: ?q=, ?stock=, ?after=."""
    stocks = [key for key, _label in STOCKS]
    chosen = {"q": _text(request, "q"), "stock": _one_of(request, "stock", stocks)}
    rows, cursor = listing.named_page(
        listing.products(**chosen), after=_text(request, "after", most=400)
    )
    return page_or_partial(
        request,
        page="commerce/products.html",
        partial="commerce/_products.html",
        context={
            "rows": rows,
            "groups": _tabs(chosen, "stock", [ALL, *STOCKS]),
            **_around(request, chosen, cursor),
        },
    )


@require_safe
def product_detail(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """One product: its price, stock, variants and shelves."""
    found = Product.objects.prefetch_related("variants", "categories")
    product = get_object_or_404(found, pk=product_id)
    context = {
        "product": product,
        "variants": sorted(product.variants.all(), key=lambda each: (each.name, each.external_id)),
        "categories": sorted(product.categories.all(), key=lambda each: each.name),
        "active": "products",
    }
    return render(request, "commerce/product.html", context)


@require_safe
def cart_list(request: HttpRequest) -> HttpResponse:
    """Carts, the newest first: ?status=, ?after=."""
    chosen = {"status": _one_of(request, "status", Cart.Status.values)}
    rows, cursor = listing.latest_page(listing.carts(**chosen), after=_text(request, "after"))
    return page_or_partial(
        request,
        page="commerce/carts.html",
        partial="commerce/_carts.html",
        context={
            "rows": rows,
            "groups": _tabs(chosen, "status", [ALL, *Cart.Status.choices]),
            **_around(request, chosen, cursor),
        },
    )


def _text(request: HttpRequest, name: str, most: int = 100) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:most]


def _one_of(request: HttpRequest, name: str, values: list[str]) -> str:
    """The filter's value; one nobody knows is none."""
    value = request.GET.get(name, "")
    return value if value in values else ""


def _tabs(
    chosen: dict[str, str], name: str, choices: list[tuple[str, Label]]
) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _url(chosen | {name: key}), "current": chosen[name] == key}
        for key, label in choices
    ]


def _around(request: HttpRequest, chosen: dict[str, str], cursor: str) -> dict[str, Any]:
    """What every list knows besides its rows."""
    return {
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "next_url": _url({**chosen, "after": cursor}) if cursor else "",
        "previous_url": _url(chosen) if request.GET.get("after") else "",
    }


def _url(known: dict[str, str]) -> str:
    return f"?{urlencode({name: value for name, value in known.items() if value})}"


def _main_currency() -> str:
    return Currency.objects.filter(is_main=True).values_list("code", flat=True).first() or ""
