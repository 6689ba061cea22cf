"""Webhook bodies as WooCommerce and Shopify send them, and calls made of them."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commerce.shop_kinds import News, ShopCall, shops

FOLDER = Path(__file__).parents[2] / "cases" / "shops"
RECEIVED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DOMAIN = "harbour.myshopify.com"


def sample(name: str, **changes: Any) -> dict[str, Any]:
    """A copy of a sample, some of its fields replaced."""
    payload = json.loads((FOLDER / f"{name}.json").read_text())
    return {**deepcopy(payload), **changes}


def call(topic: str, payload: Any, **headers: str) -> ShopCall:
    """A call about this, received at noon of 20 November 2026 from a shop that sells in euros."""
    return ShopCall(topic, payload, {"X-Shopify-Shop-Domain": DOMAIN, **headers}, "EUR", RECEIVED)


def woo(topic: str, payload: Any) -> News:
    """What WooCommerce says with this."""
    return shops.get("woocommerce").translate(call(topic, payload))


def shopify(topic: str, payload: Any, **headers: str) -> News:
    """What Shopify says with this."""
    return shops.get("shopify").translate(call(topic, payload, **headers))
