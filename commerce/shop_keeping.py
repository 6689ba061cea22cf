"""Keeping the connected shops: connecting, changing, pausing, leaving, and what customers ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from commerce.models import DataRequest, Shop
from commerce.models.shop import new_shop_token
from commerce.shop_kinds import INBOUND, NotFromShop, shops
from core.secrets import new_token
from events.inbound import hurry
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User

# WordPress keeps 255 characters of a secret, and this one needs no decoding.
SECRET_BYTES = 24
SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class ShopDraft:
    """What an admin says of a shop; an empty secret leaves the one that is stored."""

    name: str
    currency: str
    secret: str = ""


@transaction.atomic
def connect_shop(*, kind: str, draft: ShopDraft, by: User, now: datetime) -> Shop:
    """Make a door for a shop. Where shops take any secret, one is made when none is given."""
    setup = shops.get(kind).setup
    secret = draft.secret or (new_token(length=SECRET_BYTES) if setup.makes_secret else "")
    shop = Shop.objects.create(
        kind=kind,
        name=draft.name,
        currency=draft.currency,
        key=_next_key(kind),
        credentials={"secret": secret},
        created_at=now,
    )
    _audit("shop.connected", shop, by=by, now=now)
    return shop


def _next_key(kind: str) -> str:
    """One at a time; rows are never deleted, so no number comes twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/shops'))")
    return f"{kind}-{Shop.objects.filter(kind=kind).count() + 1}"


@transaction.atomic
def update_shop(*, shop_id: UUID, draft: ShopDraft, by: User, now: datetime) -> None:
    """Change what an admin may say of a shop."""
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    shop.name, shop.currency = draft.name, draft.currency
    if draft.secret:
        shop.credentials = {"secret": draft.secret}
        shop.refused, shop.refused_at = 0, None
    shop.save()
    _audit("shop.changed", shop, by=by, now=now)


@transaction.atomic
def set_shop_active(*, shop_id: UUID, is_active: bool, by: User, now: datetime) -> None:
    """Go on reading what a shop sends, or let it wait."""
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    shop.is_active = is_active
    shop.save(update_fields=["is_active"])
    if is_active:
        hurry(kind=INBOUND, door=shop.key, now=now)
    _audit("shop.resumed" if is_active else "shop.paused", shop, by=by, now=now)


@transaction.atomic
def rotate_token(*, shop_id: UUID, by: User, now: datetime) -> None:
    """Give the shop another address; nothing sent to the former one gets in from now on."""
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    shop.token = new_shop_token()
    shop.save(update_fields=["token"])
    _audit("shop.address_changed", shop, by=by, now=now)


@transaction.atomic
def disconnect_shop(*, shop_id: UUID, by: User | None, now: datetime) -> None:
    """Close the door and forget the secret; orders, products and people stay."""
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    shop.disconnected_at, shop.token = now, new_shop_token()
    shop.credentials = {"secret": ""}
    shop.save()
    _audit("shop.disconnected", shop, by=by, now=now)


@transaction.atomic
def reconnect_shop(*, shop_id: UUID, by: User, now: datetime) -> None:
    """Open a new door for a shop that was disconnected; its orders are known again."""
    shop = Shop.objects.select_for_update().get(pk=shop_id)
    makes_secret = shops.get(shop.kind).setup.makes_secret
    shop.disconnected_at, shop.left_at, shop.is_active, shop.last_seen_at = None, None, True, None
    shop.credentials = {"secret": new_token(length=SECRET_BYTES) if makes_secret else ""}
    shop.refused, shop.refused_at = 0, None
    shop.save()
    _audit("shop.connected", shop, by=by, now=now)


@transaction.atomic
def settle_request(*, request_id: UUID, by: User, now: datetime) -> None:
    """Note that somebody has seen to what was asked; asking twice changes nothing."""
    request = DataRequest.objects.select_for_update().select_related("shop").get(pk=request_id)
    if request.done_at is None:
        request.done_at = now
        request.save(update_fields=["done_at"])
        _audit("shop.data_request_done", request.shop, by=by, now=now)


def prove(*, shop: Shop, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises NotFromShop, and counts it, unless the shop signed this body."""
    secret = str((shop.credentials or {}).get("secret", ""))
    try:
        shops.get(shop.kind).verify(headers, body, secret)
    except NotFromShop:
        Shop.objects.filter(pk=shop.pk).update(refused=F("refused") + 1, refused_at=now)
        raise
    # Once a minute will do: a busy shop's calls must not queue up for one row.
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=now - SEEN_STEP) | Q(refused__gt=0)
    Shop.objects.filter(stale, pk=shop.pk).update(last_seen_at=now, refused=0, refused_at=None)


def _audit(action: str, shop: Shop, *, by: User | None, now: datetime) -> None:
    record_audit(
        action=action,
        workspace=current_workspace("A shop"),
        actor=by,
        target=f"{shop.name} ({shop.key})",
        now=now,
    )
