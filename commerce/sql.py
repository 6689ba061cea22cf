"""Pieces of SQL that several statements share."""

from commerce.models import Order

UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def uuid_of(text: str) -> str:
    """SQL: a text as a UUID; NULL for a text that is none, which integrators may send."""
    return f"(CASE WHEN ({text}) ~ '{UUID}' THEN ({text})::uuid END)"


def can_be_bought(product: str) -> str:
    """SQL for Product.can_be_bought() over an alias."""
    return f"({product}.is_on_sale AND ({product}.stock IS NULL OR {product}.stock > 0))"


def counts(order: str) -> str:
    """SQL: an order that stands, over an alias."""
    void = ", ".join(f"'{status.value}'" for status in Order.VOID)
    return f"(NOT {order}.is_deleted AND {order}.status NOT IN ({void}))"
