"""What every door of shop data brings: shops, files and the API translate into these shapes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from contacts.rows import ContactRow


@dataclass(frozen=True)
class NewCategory:
    """A category as its shop describes it; a parent that is not known yet is filled in later."""

    external_id: str
    name: str
    parent_external_id: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True)
class NewVariant:
    """A size or colour of a product."""

    external_id: str
    name: str = ""
    sku: str = ""
    price: Decimal | None = None
    stock: int | None = None


@dataclass(frozen=True)
class NewProduct:
    """A product as its shop describes it; `stock` None: the shop does not count it."""

    external_id: str
    name: str
    price: Decimal
    currency: str
    sku: str = ""
    url: str = ""
    image_url: str = ""
    stock: int | None = None
    is_on_sale: bool = True
    category_external_ids: tuple[str, ...] = ()
    variants: tuple[NewVariant, ...] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True)
class NewLine:
    """One line of an order or a cart; its product may be unknown to the catalogue."""

    name: str
    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    product_external_id: str = ""
    variant: str = ""
    sku: str = ""
    url: str = ""
    image_url: str = ""


@dataclass(frozen=True)
class Buyer:
    """Who a shop says is behind an order or a cart."""

    row: ContactRow
    is_business: bool | None = None
    company: str = ""
    vat_number: str = ""


@dataclass(frozen=True)
class NewOrder:
    """An order as its shop last described it.

    Each moment is None until it has passed. `changed_at` is the shop's own time of this news.
    """

    external_id: str
    currency: str
    total: Decimal
    placed_at: datetime
    lines: tuple[NewLine, ...] = ()
    buyer: Buyer | None = None
    number: str = ""
    discount: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    coupon_codes: tuple[str, ...] = ()
    cart_external_id: str = ""
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None
    is_deleted: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True)
class OrderNews:
    """What has become of an order sent before; what is left out stays as it is."""

    external_id: str
    refunded: Decimal = Decimal(0)
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None
    is_deleted: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True)
class NewCart:
    """A cart as its shop last described it; one without lines was emptied."""

    external_id: str
    currency: str
    total: Decimal
    lines: tuple[NewLine, ...] = ()
    buyer: Buyer | None = None
    restore_url: str = ""
    started_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """What became of one item: the row's id, or a stable code and a sentence."""

    index: int
    id: str = ""
    created: bool = False
    code: str = ""
    message: str = ""
    field_name: str = ""
    # Things that were kept but could not be used, such as an address that is none.
    notes: tuple[str, ...] = field(default=())
    # False: everything it says was known already.
    changed: bool = False
