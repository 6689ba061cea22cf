"""What orders, carts and checkouts have in common: their lines, their cart, their customer."""

from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from commerce.payloads import Payload, buyer_of
from commerce.shapes import Buyer, NewLine
from contacts.rows import ContactRow

# How merchants name the box for a VAT number in their cart.
VAT_NAMES = frozenset(
    {"vat", "vat number", "vat_number", "vat id", "vat_id", "eu vat number", "partita iva",
     "partita_iva", "p.iva", "piva", "tax id", "tax_id"}
)  # fmt: skip


def cart_id(given: Payload, *checkout_names: str) -> str:
    """Cart and checkout are one cart here; a checkout without a cart stands for itself."""
    if token := given.text("cart_token", most=120):
        return token
    token = given.text(*checkout_names, most=110)
    return f"checkout-{token}" if token else ""


def lines_of(given: Payload) -> tuple[NewLine, ...]:
    is_gross = given.flag("taxes_included")
    return given.lines("line_items", partial(_line, is_gross=is_gross))


def _line(given: Payload, *, is_gross: bool) -> NewLine:
    """A line with its taxes and after its discounts; the unit price as the shop shows it."""
    quantity, price = given.quantity("quantity"), given.money("price")
    discounts = [each.money("amount") for each in given.each("discount_allocations")]
    taxes = [] if is_gross else [each.money("price") for each in given.each("tax_lines")]
    total = price * quantity - sum(discounts, Decimal(0)) + sum(taxes, Decimal(0))
    return NewLine(
        name=given.text("title", "name", "sku", most=300) or _("Item"),
        quantity=quantity,
        unit_price=price,
        total=max(Decimal(0), total.quantize(Decimal("0.001"))),
        product_external_id=given.id("product_id"),
        variant=given.text("variant_title", most=200),
        sku=given.text("sku", most=100),
        image_url=given.url("image_url"),
    )


def customer_of(given: Payload) -> Buyer | None:
    customer, billing = given.inner("customer"), given.inner("billing_address")
    row = ContactRow(
        email=given.email("email", "contact_email") or customer.email("email"),
        phone=given.profile("phone", "phone")
        or customer.profile("phone", "phone")
        or billing.profile("phone", "phone"),
        first_name=customer.profile("first_name", "first_name")
        or billing.profile("first_name", "first_name"),
        last_name=customer.profile("last_name", "last_name")
        or billing.profile("last_name", "last_name"),
        language=given.profile("language", "customer_locale"),
    )
    return buyer_of(row, company=billing.text("company", most=200), vat_number=_vat(given))


def _vat(given: Payload) -> str:
    for each in given.each("note_attributes"):
        if each.text("name", most=80).lower() in VAT_NAMES:
            return each.text("value", most=30)
    return ""
