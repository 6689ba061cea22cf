"""What is wrong with an item of shop data, before anything is written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commerce.amounts import AMOUNT_LIMIT, QUANTITY_LIMIT, STEP
from commerce.shapes import (
    NewCart,
    NewCategory,
    NewLine,
    NewOrder,
    NewProduct,
    NewVariant,
    OrderNews,
    Taken,
)
from core.errors import Problem

LINES_MAX = 500
VARIANTS_MAX = 500
CATEGORIES_MAX = 100
CODES_MAX = 20
ID_MAX = 128
AHEAD = timedelta(days=1)
FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
STOCK_LIMIT = 2_000_000_000


class ItemRefused(ValueError):
    """An item that cannot be kept, with its problem."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(code)
        self.problem = Problem(code, message, field=field)

    def taken(self, index: int) -> Taken:
        """The answer for this item."""
        return Taken(
            index,
            code=self.problem.code,
            message=str(self.problem.message),
            field_name=self.problem.field,
        )


class Checks:
    """The checks of one batch: what is known of currencies, and what time it is."""

    def __init__(self, rates: Mapping[str, Decimal], now: datetime) -> None:
        self.rates = rates
        self.now = now

    def category(self, item: NewCategory) -> NewCategory:
        """The category ready to be written; raises ItemRefused, as do the others."""
        self._moments(item, "changed_at")
        return replace(
            item,
            external_id=_id(item.external_id),
            name=_name(item.name, 200),
            parent_external_id=_text(item.parent_external_id, ID_MAX),
        )

    def product(self, item: NewProduct) -> NewProduct:
        self._moments(item, "changed_at")
        if len(item.variants) > VARIANTS_MAX:
            raise _too_many("variants", VARIANTS_MAX)
        if len(item.category_external_ids) > CATEGORIES_MAX:
            raise _too_many("category_external_ids", CATEGORIES_MAX)
        return replace(
            item,
            external_id=_id(item.external_id),
            name=_name(item.name, 300),
            currency=self.currency(item.currency),
            price=amount(item.price, "price"),
            stock=_stock(item.stock),
            sku=_text(item.sku, 100),
            url=_address(item.url),
            image_url=_address(item.image_url),
            category_external_ids=tuple(
                dict.fromkeys(_id(each, "category_external_ids") for each in
                              item.category_external_ids)
            ),
            variants=tuple({each.external_id: each for each in map(_variant, item.variants)}
                           .values()),
        )  # fmt: skip

    def order(self, item: NewOrder) -> NewOrder:
        self._moments(
            item, "placed_at", "paid_at", "fulfilled_at", "delivered_at", "cancelled_at",
            "refunded_at", "changed_at",
        )  # fmt: skip
        return replace(
            item,
            external_id=_id(item.external_id),
            currency=self.currency(item.currency),
            total=amount(item.total, "total"),
            discount=amount(item.discount, "discount"),
            shipping=amount(item.shipping, "shipping"),
            refunded=amount(item.refunded, "refunded"),
            number=_text(item.number, 60),
            cart_external_id=_text(item.cart_external_id, ID_MAX),
            coupon_codes=_codes(item.coupon_codes),
            lines=_lines(item.lines),
        )

    def order_news(self, item: OrderNews) -> OrderNews:
        self._moments(
            item, "paid_at", "fulfilled_at", "delivered_at", "cancelled_at", "refunded_at",
            "changed_at",
        )  # fmt: skip
        refunded = amount(item.refunded, "refunded")
        return replace(item, external_id=_id(item.external_id), refunded=refunded)

    def cart(self, item: NewCart) -> NewCart:
        self._moments(item, "started_at", "changed_at")
        return replace(
            item,
            external_id=_id(item.external_id),
            currency=self.currency(item.currency),
            total=amount(item.total, "total"),
            restore_url=_address(item.restore_url),
            lines=_lines(item.lines),
        )

    def currency(self, code: str) -> str:
        code = _text(code, 10).upper()
        if code not in self.rates:
            raise ItemRefused(
                "unknown_currency",
                _("“%(code)s” is not among the currencies of this workspace. Add it under"
                  " Settings, Currencies.") % {"code": code},
                "currency",
            )  # fmt: skip
        return code

    def _moments(self, item: Any, *names: str) -> None:
        for name in names:
            moment = getattr(item, name)
            if moment is None:
                continue
            if moment > self.now + AHEAD:
                raise ItemRefused(
                    "date_in_future", _("This moment is more than a day in the future."), name
                )
            if moment < FIRST_DAY:
                raise ItemRefused("date_too_early", _("This moment is before 1970."), name)


def amount(value: Decimal, field: str) -> Decimal:
    """The amount to three decimals; raises ItemRefused for one that cannot be."""
    if not value.is_finite():
        raise ItemRefused("bad_amount", _("Write an amount such as 29.90."), field)
    if value < 0:
        raise ItemRefused("negative_amount", _("An amount cannot be below zero."), field)
    if value >= AMOUNT_LIMIT:
        raise ItemRefused("amount_too_large", _("This amount is too large."), field)
    return value.quantize(STEP)


def _variant(item: NewVariant) -> NewVariant:
    return replace(
        item,
        external_id=_id(item.external_id, "variants"),
        name=_text(item.name, 200),
        sku=_text(item.sku, 100),
        price=None if item.price is None else amount(item.price, "variants"),
        stock=_stock(item.stock),
    )


def _lines(lines: tuple[NewLine, ...]) -> tuple[NewLine, ...]:
    if len(lines) > LINES_MAX:
        raise _too_many("lines", LINES_MAX)
    return tuple(_line(line, f"lines.{number}") for number, line in enumerate(lines))


def _line(line: NewLine, field: str) -> NewLine:
    name = _text(line.name, 300)
    if not name:
        raise ItemRefused("line_without_product", _("This line names no product."), field)
    if not line.quantity.is_finite() or not 0 <= line.quantity < QUANTITY_LIMIT:
        raise ItemRefused("bad_quantity", _("Write a quantity such as 1 or 0.5."), field)
    return replace(
        line,
        name=name,
        quantity=line.quantity.quantize(STEP),
        unit_price=amount(line.unit_price, field),
        total=amount(line.total, field),
        product_external_id=_text(line.product_external_id, ID_MAX),
        variant=_text(line.variant, 200),
        sku=_text(line.sku, 100),
        url=_address(line.url),
        image_url=_address(line.image_url),
    )


def _too_many(field: str, most: int) -> ItemRefused:
    return ItemRefused(
        f"too_many_{field}", _("At most %(most)s are taken here.") % {"most": most}, field
    )


def _codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(codes) > CODES_MAX:
        raise _too_many("coupon_codes", CODES_MAX)
    return tuple(dict.fromkeys(code for code in (_text(c, 60).upper() for c in codes) if code))


def _stock(stock: int | None) -> int | None:
    """Shops that sell below zero have nothing left."""
    return None if stock is None else max(0, min(stock, STOCK_LIMIT))


def _text(value: str, most: int) -> str:
    return value.replace("\x00", "").strip()[:most]


def _name(value: str, most: int) -> str:
    text = _text(value, most)
    if not text:
        raise ItemRefused("blank", _("Give it a name."), "name")
    return text


def _id(value: str, field: str = "external_id") -> str:
    text = value.replace("\x00", "").strip()
    if not text:
        raise ItemRefused("blank", _("Give the shop's own id of it."), field)
    if len(text) > ID_MAX:
        raise ItemRefused(
            "field_too_long", _("An id has at most %(most)s characters.") % {"most": ID_MAX}, field
        )
    return text


def _address(value: str) -> str:
    """A web address fit for a link; "" for anything else, which no mail may carry."""
    text = _text(value, 2000)
    fits = len(text) <= 1000 and text.lower().startswith(("https://", "http://"))
    return text if fits and not any(sign.isspace() for sign in text) else ""
