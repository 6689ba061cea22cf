"""`recommendations` and `popular` in templates: lists of products, each for its reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commerce.recommended import (
    MOST,
    Products,
    best_selling_for,
    note_shown,
    recommendations_for,
)
from commerce.shown import sample_products
from contacts.contracts import MergeField, MergeRequest, Words, merge_fields


def recommendations(requests: Sequence[MergeRequest], now: datetime) -> list[Any]:
    """[{id, name, url, image_url, price}] for each; None for nothing."""
    with _language_of(requests):
        return _in_order(requests, recommendations_for(contact_ids=_asked(requests), now=now))


def popular(requests: Sequence[MergeRequest], now: datetime) -> list[Any]:
    """The same for what sells best."""
    with _language_of(requests):
        return _in_order(requests, best_selling_for(contact_ids=_asked(requests), now=now))


def _language_of(requests: Sequence[MergeRequest]) -> translation.override:
    """Requests asked together are of one mail, so of one language."""
    return translation.override(requests[0].language or None if requests else None)


def _asked(requests: Sequence[MergeRequest]) -> list[UUID]:
    return [one.contact_id for one in requests if one.contact_id]


def _in_order(requests: Sequence[MergeRequest], found: Products) -> list[Any]:
    return [one.contact_id and found.get(one.contact_id) for one in requests]


def keep_shown(shown: Sequence[tuple[UUID, Any]], now: datetime) -> None:
    """What somebody was sent is not recommended again for a while."""
    pairs = [
        (contact_id, UUID(product["id"])) for contact_id, products in shown for product in products
    ]
    note_shown(pairs=pairs, now=now)


def sample() -> list[dict[str, Any]]:
    """Products of the shop."""
    return sample_products(MOST)


def _examples(name: str) -> list[tuple[str, Words, str]]:
    return [
        (f"{name}[0].name", _("First product"), ""),
        (f"{name}[0].price", _("Its price"), "€29.90"),
        (f"{name}[0].url", _("Its page"), ""),
    ]


merge_fields.register(
    MergeField(
        "recommendations",
        _("Recommendations"),
        recommendations,
        lambda: _examples("recommendations"),
        sample=sample,
        shown=keep_shown,
    )
)
merge_fields.register(
    MergeField(
        "popular",
        _("Best sellers"),
        popular,
        lambda: _examples("popular"),
        sample=sample,
        shown=keep_shown,
    )
)
