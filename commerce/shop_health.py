"""How connected shops are doing: what came last, what failed, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commerce.models import Shop
from commerce.shop_kinds import INBOUND, shops
from events.models import InboundDelivery

State = InboundDelivery.State
# A shop that was busy and has gone this quiet may have switched its webhooks off.
QUIET = timedelta(days=7)


@dataclass(frozen=True)
class Health:
    """A shop with what is worth saying of it."""

    shop: Shop
    label: str | Promise
    icon: str
    failed: int
    word: str | Promise
    tone: str
    # A sentence, where something should be done.
    advice: str | Promise = ""


def health_of(found: Sequence[Shop], *, now: datetime) -> list[Health]:
    """One for each shop, in two statements whatever their number."""
    rows = _of_shops().filter(state=State.FAILED, door__in=[shop.key for shop in found])
    failed = dict(rows.values_list("door").annotate(calls=Count("pk")).order_by())
    return [_health(shop, failed.get(shop.key, 0), now) for shop in found]


def failed_calls(shop: Shop) -> QuerySet[InboundDelivery]:
    """The calls of this shop that could not be read, or only in part, newest first."""
    rows = _of_shops().filter(door=shop.key, state=State.FAILED)
    return rows.defer("body").order_by("-pk")


def _of_shops() -> QuerySet[InboundDelivery]:
    return InboundDelivery.objects.filter(kind=INBOUND)


def _health(shop: Shop, failed: int, now: datetime) -> Health:
    kind = shops.get(shop.kind) if shop.kind in shops else None
    word, tone, advice = _standing(shop, now)
    return Health(
        shop,
        label=kind.label if kind else shop.kind,
        icon=kind.icon if kind else "store",
        failed=failed,
        word=word,
        tone=tone,
        advice=advice,
    )


def _standing(shop: Shop, now: datetime) -> tuple[str | Promise, str, str | Promise]:
    if shop.disconnected_at:
        return _("Disconnected"), "", ""
    if not shop.is_active:
        return _("Paused"), "warn", _("What it sends is kept, and read when you go on.")
    if shop.left_at:
        return _("App removed"), "bad", _("The app was removed from the shop: nothing comes now.")
    if shop.refused:
        advice = _("Its calls are refused: the secret there and the one here differ.")
        return _("Refused"), "bad", advice
    if not (shop.credentials or {}).get("secret"):
        return _("Secret missing"), "warn", _("Enter the secret its webhooks are signed with.")
    if shop.last_seen_at is None:
        return _("Waiting for its first call"), "info", ""
    if now - shop.last_seen_at > QUIET:
        advice = _("It has been quiet. Look in the shop whether its webhooks are still active.")
        return _("Quiet"), "warn", advice
    return _("Connected"), "ok", ""
