"""Carts and checkouts, which are one cart here."""

from decimal import Decimal

from django.utils.translation import gettext as _

from commerce.payloads import URL_LIMIT, Payload
from commerce.shapes import NewCart
from commerce.shop_kinds import Gone, News, ShopCall
from commerce.shops.shopify.contents import cart_id, customer_of, lines_of
from commerce.shops.shopify.headers import DOMAIN


def cart(given: Payload, call: ShopCall) -> News:
    token = given.text("token", "id", most=120)
    lines = lines_of(given)
    if not token or (call.topic == "carts/create" and not lines):
        return News(ignored=_("A cart with nothing in it."))
    cart = NewCart(
        external_id=token,
        currency=_cart_currency(given) or call.currency,
        total=sum((line.total for line in lines), Decimal(0)),
        lines=lines,
        restore_url=_restore_url(given, call.headers.get(DOMAIN, "")),
        started_at=given.moment("created_at"),
        changed_at=given.moment("updated_at") or call.received_at,
    )
    return News(carts=[cart], notes=given.notes)


def _cart_currency(given: Payload) -> str:
    for line in given.each("line_items"):
        money = line.inner("price_set").inner("shop_money")
        if money.has("currency_code"):
            return money.currency("currency_code", "")
    return ""


def _restore_url(given: Payload, domain: str) -> str:
    """A permalink that fills a cart on any device; "" when a line has no variant."""
    parts = [(line.id("variant_id"), line.number("quantity")) for line in given.each("line_items")]
    if not domain or not parts or not all(variant and count for variant, count in parts):
        return ""
    address = f"https://{domain}/cart/" + ",".join(f"{variant}:{count}" for variant, count in parts)
    return address if len(address) <= URL_LIMIT else ""


def checkout(given: Payload, call: ShopCall) -> News:
    if given.has("completed_at"):
        return News(ignored=_("A checkout that became an order: the order tells the rest."))
    external_id = cart_id(given, "token")
    if not external_id:
        return News(ignored=_("A checkout without its cart."))
    cart = NewCart(
        external_id=external_id,
        currency=given.currency("currency", call.currency),
        total=given.money("total_price"),
        lines=lines_of(given),
        buyer=customer_of(given),
        restore_url=given.url("abandoned_checkout_url"),
        started_at=given.moment("created_at"),
        changed_at=given.moment("updated_at") or call.received_at,
    )
    return News(carts=[cart], notes=given.notes)


def deleted_checkout(given: Payload, call: ShopCall) -> News:
    external_id = cart_id(given, "token")
    if not external_id:
        # Shopify gives the number alone, and carts are known by their token.
        return News(ignored=_("A checkout that is over, without its cart."))
    return News(gone_carts=[Gone(external_id, call.received_at)])
