"""Products with their variants; the product type is their category."""

from decimal import Decimal

from commerce.payloads import Payload
from commerce.shapes import NewCategory, NewProduct, NewVariant
from commerce.shop_kinds import Gone, News, ShopCall
from commerce.shops.shopify.headers import DOMAIN

VARIANTS_MAX = 500


def product(given: Payload, call: ShopCall) -> News:
    external_id, changed_at = given.needed_id(), given.moment("updated_at") or call.received_at
    variants = list(given.each("variants"))
    kind = given.text("product_type", most=120)
    categories = [NewCategory(f"type:{kind}", kind, changed_at=changed_at)] if kind else []
    handle, domain = given.text("handle", most=200), call.headers.get(DOMAIN, "")
    product = NewProduct(
        external_id=external_id,
        name=given.text("title", "handle", "id", most=300),
        price=min((each.money("price") for each in variants), default=Decimal(0)),
        currency=call.currency,
        sku=variants[0].text("sku", most=100) if len(variants) == 1 else "",
        url=f"https://{domain}/products/{handle}" if handle and domain else "",
        image_url=given.inner("image").url("src")
        or next((image.url("src") for image in given.each("images")), ""),
        stock=_stock_of_all(variants),
        is_on_sale=given.text("status", most=40) in {"", "active"} and given.has("published_at"),
        category_external_ids=tuple(category.external_id for category in categories),
        variants=tuple(_variant(each) for each in variants[:VARIANTS_MAX] if each.id("id")),
        changed_at=changed_at,
    )
    return News(categories=categories, products=[product], notes=given.notes)


def _variant(given: Payload) -> NewVariant:
    return NewVariant(
        external_id=given.id("id"),
        name=given.text("title", most=200),
        sku=given.text("sku", most=100),
        price=given.money("price"),
        stock=_stock(given),
    )


def _stock(variant: Payload) -> int | None:
    """None: not counted by Shopify, or sold beyond what is there."""
    is_counted = variant.text("inventory_management", most=40) == "shopify"
    if not is_counted or variant.text("inventory_policy", most=40) == "continue":
        return None
    return variant.number("inventory_quantity")


def _stock_of_all(variants: list[Payload]) -> int | None:
    counts = [_stock(variant) for variant in variants]
    known = [max(0, count) for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def deleted_product(given: Payload, call: ShopCall) -> News:
    return News(gone_products=[Gone(given.needed_id(), call.received_at)])
