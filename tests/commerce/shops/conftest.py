"""A WooCommerce and a Shopify shop of Acme, and calls signed as they sign them."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from commerce.models import Currency, Shop
from events.models import InboundDelivery
from events.reading import drain_inbound

SECRET = "hush"
DOMAIN = "harbour.myshopify.com"
NAMES = {
    "woocommerce": ("X-WC-Webhook-Signature", "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID"),
    "shopify": ("X-Shopify-Hmac-SHA256", "X-Shopify-Topic", "X-Shopify-Webhook-Id"),
}


def sign(body: bytes, secret: str = SECRET) -> str:
    """The signature both kinds of shops make."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.fixture(autouse=True)
def _with_rows() -> None:
    """Translating needs no rows."""


@pytest.fixture
def connected(acme, now):
    """`connected("shopify")`: a shop of this kind whose secret is "hush"."""
    Currency.objects.get_or_create(code="EUR", defaults={"is_main": True})

    def make(kind: str, key: str = "", **fields: Any) -> Shop:
        return Shop.objects.create(
            kind=kind,
            name=f"Harbour {kind}",
            key=key or f"{kind}-1",
            currency="EUR",
            credentials={"secret": SECRET},
            created_at=now,
            **fields,
        )

    return make


@pytest.fixture
def woocommerce(connected):
    """Acme's WooCommerce shop."""
    return connected("woocommerce")


@pytest.fixture
def shopify_shop(connected):
    """Acme's Shopify shop."""
    return connected("shopify")


@pytest.fixture
def post(acme, client_of):
    """`post(shop, topic, payload)`: the answer to a call as the shop makes it."""

    def make(shop: Any, topic: str, payload: Any, *, delivery: str = "d1", **changes: Any) -> Any:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signature, topic_name, delivery_name = NAMES[shop.kind]
        headers = {
            signature: changes.get("signature", sign(body, changes.get("secret", SECRET))),
            topic_name: topic,
            delivery_name: delivery,
            "X-Shopify-Shop-Domain": DOMAIN,
        }
        client = client_of(changes.get("workspace", acme))
        return client.post(
            f"/hooks/shop/{shop.token}/", body, content_type="application/json", headers=headers
        )

    return make


@pytest.fixture
def read(acme):
    """`read(now)`: read all that is due; the calls that were stored, oldest first."""

    def make(now: Any) -> list[InboundDelivery]:
        while drain_inbound(now=now).done:
            pass
        return list(InboundDelivery.objects.order_by("received_at", "pk"))

    return make
