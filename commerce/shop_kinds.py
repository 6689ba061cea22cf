"""What a kind of shop is: how its calls prove themselves, and what they say in our words."""

import base64
import binascii
import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commerce.shapes import Buyer, NewCart, NewCategory, NewOrder, NewProduct, OrderNews
from core.errors import Permanent
from core.registry import Registry

Words = str | Promise
# The inbound kind under which calls of all shops are stored.
INBOUND = "shop"


class NotFromShop(Permanent):
    """A call whose signature does not prove that the shop sent it."""

    def __init__(self) -> None:
        super().__init__(
            "bad_signature", _("The signature does not fit this shop's secret and this body.")
        )


@dataclass(frozen=True)
class ShopCall:
    """One webhook call, proven and decoded; `currency` is what the shop sells in."""

    topic: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str]
    currency: str
    received_at: datetime


@dataclass(frozen=True)
class Parcel:
    """News of a parcel; it is news of its order when it holds all of it, counted in pieces."""

    news: OrderNews
    quantity: Decimal


@dataclass(frozen=True)
class Gone:
    """A product or a cart that is no longer there, known by its id alone."""

    external_id: str
    changed_at: datetime


@dataclass(frozen=True)
class ShopCustomer:
    """A customer account as the shop last described it."""

    external_id: str
    buyer: Buyer
    changed_at: datetime
    # What the shop says they chose about advertising, and when; never taken for a consent.
    accepts_marketing: bool | None = None
    chosen_at: datetime | None = None


@dataclass(frozen=True)
class DataWish:
    """What is asked about personal data; `kind` is one of DataRequest.Kind."""

    kind: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class News:
    """What one call tells; `notes` say what of it could not be used, `ignored` why nothing is."""

    orders: Sequence[NewOrder] = ()
    changes: Sequence[OrderNews] = ()
    parcels: Sequence[Parcel] = ()
    categories: Sequence[NewCategory] = ()
    products: Sequence[NewProduct] = ()
    gone_products: Sequence[Gone] = ()
    carts: Sequence[NewCart] = ()
    gone_carts: Sequence[Gone] = ()
    customers: Sequence[ShopCustomer] = ()
    wishes: Sequence[DataWish] = ()
    has_left: bool = False
    notes: Sequence[str] = ()
    ignored: str = ""


@dataclass(frozen=True)
class Topic:
    """A webhook to be entered in the shop: its name there in words, and for machines."""

    label: Words
    name: str


@dataclass(frozen=True)
class Instruction:
    """One step of connecting a shop; `shows` names what is shown to be copied with it."""

    text: Words
    shows: str = ""


@dataclass(frozen=True)
class Setup:
    """How to connect a shop, in words; `topics` are the webhooks to enter."""

    steps: Sequence[Instruction]
    topics: Sequence[Topic]
    # True: the secret is made here and entered in the shop; False: it is copied from the shop.
    makes_secret: bool
    remarks: Sequence[Words] = field(default=())


class ShopKind(ABC):
    """One make of shop software; a subclass in `commerce/shops/` registers one instance."""

    key: str
    label: Words
    # A Lucide name.
    icon: str
    # Names of the headers that reading a call needs; they are kept with its body.
    kept_headers: Sequence[str]
    setup: Setup

    def is_trial(self, headers: Mapping[str, str], body: bytes) -> bool:
        """True for a call that only tries whether the address answers, and says nothing else."""
        return False

    @abstractmethod
    def verify(self, headers: Mapping[str, str], body: bytes, secret: str) -> None:
        """Raises NotFromShop unless the shop with this secret signed exactly this body."""

    @abstractmethod
    def topic(self, headers: Mapping[str, str]) -> str:
        """What the call is about, in the shop's own words."""

    @abstractmethod
    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """What is the same when the shop sends a call once more, and differs for any other."""

    @abstractmethod
    def translate(self, call: ShopCall) -> News:
        """The call in our words; raises Permanent when nothing of it can be read."""


def check_signature(*, given: str, body: bytes, secret: str) -> None:
    """Raises NotFromShop unless `given` is the base64 HMAC-SHA256 of the body."""
    try:
        claimed = base64.b64decode(given.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NotFromShop from None
    proof = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    if not secret or not hmac.compare_digest(claimed, proof):
        raise NotFromShop


def call_id(own: str, body: bytes) -> str:
    """The shop's id of a call with the body's hash; "" without an id.

    Both, because shops give one id to different calls: WooCommerce to all of one second.
    """
    return f"{own[:32]}:{hashlib.sha256(body).hexdigest()}" if own else ""


shops: Registry[ShopKind] = Registry("shops")
