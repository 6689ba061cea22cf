"""Reading the stored calls of shops: each translated by its shop's kind, all taken in together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.models import Shop
from commerce.shop_kinds import INBOUND, News, ShopCall, shops
from commerce.shop_news import Told, take_news
from core.api.errors import ApiRefusal
from core.api.json_body import decode_json
from core.errors import Permanent
from events.contracts import Failed, Ignored, InboundKind, Later, Outcome, inbound_kinds
from events.models import InboundDelivery

# How long the calls of a paused shop wait before it is looked whether it is on again.
PAUSE = timedelta(hours=1)


def read_calls(batch: Sequence[InboundDelivery], now: datetime) -> Mapping[UUID, Outcome]:
    """Take in what these calls tell; those that are not simply done, each with its reason."""
    outcomes: dict[UUID, Outcome] = {}
    known = {shop.key: shop for shop in Shop.objects.filter(key__in={each.door for each in batch})}
    ordered = sorted(batch, key=lambda each: (each.door, each.received_at, each.pk))
    for door, calls in groupby(ordered, key=lambda each: each.door):
        shop = known.get(door)
        if shop is None:
            outcomes |= {each.pk: Ignored(_("Its shop is not known here.")) for each in calls}
        elif not shop.is_active:
            pause = Later(now + PAUSE, _("The shop is paused."))
            outcomes |= dict.fromkeys((each.pk for each in calls), pause)
        else:
            outcomes |= _read_shop(shop, list(calls), now)
    return outcomes


def _read_shop(shop: Shop, calls: Sequence[InboundDelivery], now: datetime) -> dict[UUID, Outcome]:
    outcomes: dict[UUID, Outcome] = {}
    told = []
    for call in calls:
        try:
            told.append(Told(call.pk, call.received_at, _translate(shop, call)))
        except (Permanent, ApiRefusal) as refusal:
            outcomes[call.pk] = Failed(_sentence(refusal))
    return outcomes | take_news(shop=shop, told=told, now=now)


def _translate(shop: Shop, delivery: InboundDelivery) -> News:
    payload = decode_json(bytes(delivery.body))
    if not isinstance(payload, dict):
        raise Permanent("invalid_json", _("The body of this call is not a JSON object."))
    kind = shops.get(shop.kind)
    return kind.translate(
        ShopCall(
            topic=kind.topic(delivery.headers),
            payload=payload,
            headers=delivery.headers,
            currency=shop.currency,
            received_at=delivery.received_at,
        )
    )


def _sentence(refusal: Permanent | ApiRefusal) -> str:
    return str(refusal.message if isinstance(refusal, Permanent) else refusal.detail)


inbound_kinds.register(InboundKind(INBOUND, gettext_lazy("Shop"), read_calls))
