"""Shop data as integrators send it, and its way into the shapes every door uses."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from commerce.api.fields import AmountField, IdField, MomentField, QuantityField
from commerce.ingest.checks import CATEGORIES_MAX, CODES_MAX, ID_MAX, LINES_MAX, VARIANTS_MAX
from commerce.shapes import (
    Buyer,
    NewCart,
    NewCategory,
    NewLine,
    NewOrder,
    NewProduct,
    NewVariant,
    OrderNews,
)
from contacts.rows import ContactRow
from core.api.fields import StrictSerializer

CHANGED = "Your own time of this change: news older than what is there overwrites nothing."
MOMENTS = ("paid_at", "fulfilled_at", "delivered_at", "cancelled_at", "refunded_at")
# What an order holds; an item with none of these is news of an order sent before.
NEEDED = ("currency", "total", "placed_at", "lines")
PEOPLE = ("email", "external_id", "phone", "first_name", "last_name", "language")


def _text(most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=most, **options)


def _id(**options: Any) -> IdField:
    return IdField(max_length=ID_MAX, **options)


def _several(
    form: type[serializers.Serializer[Any]], most: int, **options: Any
) -> serializers.Serializer[Any]:
    """A list of these, at most so many."""
    known: dict[str, Any] = {"many": True, "max_length": most, **options}
    return form(**known)


def _moment(words: str = "") -> MomentField:
    return MomentField(required=False, allow_null=True, help_text=words)


class OfferedCategorySerializer(StrictSerializer):
    """A category of the shop; its parent may come later."""

    external_id = _id()
    name = serializers.CharField(max_length=200)
    parent_external_id = _id(required=False, allow_blank=True)
    changed_at = _moment(CHANGED)


class OfferedVariantSerializer(StrictSerializer):
    """A size or colour of a product."""

    external_id = _id()
    name = _text(200)
    sku = _text(100)
    price = AmountField(required=False, allow_null=True)
    stock = serializers.IntegerField(required=False, allow_null=True)


class OfferedProductSerializer(StrictSerializer):
    """A product of the shop, whole: what is left out is emptied."""

    external_id = _id()
    name = serializers.CharField(max_length=300)
    price = AmountField()
    currency = serializers.CharField(min_length=3, max_length=3)
    sku = _text(100)
    url = _text(1000)
    image_url = _text(1000)
    stock = serializers.IntegerField(
        required=False, allow_null=True, help_text="Null: the shop does not count it."
    )
    is_on_sale = serializers.BooleanField(required=False)
    category_external_ids = serializers.ListField(
        child=_id(), required=False, max_length=CATEGORIES_MAX
    )
    variants = _several(OfferedVariantSerializer, VARIANTS_MAX, required=False)
    changed_at = _moment(CHANGED)


class OfferedLineSerializer(StrictSerializer):
    """One product of an order or a cart; the catalogue need not know it."""

    name = serializers.CharField(max_length=300)
    quantity = QuantityField(required=False)
    unit_price = AmountField()
    total = AmountField(required=False, help_text="Quantity times unit price, when left out.")
    product_external_id = _id(required=False, allow_blank=True)
    variant = _text(200)
    sku = _text(100)
    url = _text(1000)
    image_url = _text(1000)


class CustomerSerializer(StrictSerializer):
    """Who bought: found or made as a contact by any of the first three. Consent is not touched."""

    email = _text(254)
    external_id = _id(required=False, allow_blank=True)
    phone = _text(32)
    first_name = _text(100)
    last_name = _text(100)
    language = _text(10)
    company = _text(200)
    vat_number = _text(30)
    is_business = serializers.BooleanField(required=False, allow_null=True)


class OfferedOrderSerializer(StrictSerializer):
    """An order whole, with currency, total, placed_at and lines; or news of one sent before."""

    external_id = _id()
    number = _text(60)
    currency = serializers.CharField(required=False, min_length=3, max_length=3)
    total = AmountField(required=False)
    discount = AmountField(required=False)
    shipping = AmountField(required=False)
    refunded = AmountField(required=False)
    coupon_codes = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=CODES_MAX
    )
    cart_external_id = _id(required=False, allow_blank=True)
    customer = CustomerSerializer(required=False, allow_null=True)
    lines = _several(OfferedLineSerializer, LINES_MAX, required=False)
    placed_at = MomentField(required=False)
    paid_at = _moment()
    fulfilled_at = _moment()
    delivered_at = _moment()
    cancelled_at = _moment()
    refunded_at = _moment()
    is_deleted = serializers.BooleanField(required=False)
    changed_at = _moment(CHANGED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """News of an order says what became of it; anything more needs the order whole."""
        told = attrs.keys() - {"external_id", "changed_at", "is_deleted", "refunded", *MOMENTS}
        missing = [name for name in NEEDED if name not in attrs] if told else []
        if missing:
            message = _("Send this with the order, or send only what has become of it.")
            raise serializers.ValidationError(dict.fromkeys(missing, message), "required")
        return attrs


class OfferedCartSerializer(StrictSerializer):
    """A cart whole; one without lines was emptied."""

    external_id = _id()
    currency = serializers.CharField(min_length=3, max_length=3)
    total = AmountField()
    lines = _several(OfferedLineSerializer, LINES_MAX)
    customer = CustomerSerializer(required=False, allow_null=True)
    restore_url = _text(1000)
    started_at = _moment()
    changed_at = _moment(CHANGED)


Given = dict[str, Any]


def as_category(given: Given) -> NewCategory:
    """The category in the shape every door uses."""
    return NewCategory(**given)


def as_product(given: Given) -> NewProduct:
    """The product in the shape every door uses."""
    variants = tuple(NewVariant(**each) for each in given.pop("variants", ()))
    shelves = tuple(given.pop("category_external_ids", ()))
    return NewProduct(**given, variants=variants, category_external_ids=shelves)


def as_order(given: Given) -> NewOrder | OrderNews:
    """The order, or the news of one, in the shape every door uses."""
    if "total" not in given:
        return OrderNews(**given)
    buyer, lines = _buyer(given), _lines(given)
    codes = tuple(given.pop("coupon_codes", ()))
    return NewOrder(**given, buyer=buyer, lines=lines, coupon_codes=codes)


def as_cart(given: Given) -> NewCart:
    """The cart in the shape every door uses."""
    buyer, lines = _buyer(given), _lines(given)
    return NewCart(**given, buyer=buyer, lines=lines)


def _buyer(given: Given) -> Buyer | None:
    customer = given.pop("customer", None)
    if not customer:
        return None
    person: Given = {name: customer.pop(name) or None for name in PEOPLE if name in customer}
    return Buyer(ContactRow(**person), **customer)


def _lines(given: Given) -> tuple[NewLine, ...]:
    return tuple(_line(each) for each in given.pop("lines", ()))


def _line(given: Given) -> NewLine:
    quantity = given.setdefault("quantity", Decimal(1))
    given.setdefault("total", given["unit_price"] * quantity)
    return NewLine(**given)
