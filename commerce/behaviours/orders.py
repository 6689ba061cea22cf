"""They place an order."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import uuid5

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.ingest import take_orders
from commerce.models import Product
from commerce.shapes import Buyer, NewLine, NewOrder
from contacts.models import Contact
from contacts.rows import ContactRow
from journeys.contracts import Behaviour, Option, Standpoint, behaviours


class PlacesAnOrder(Behaviour):
    """One of what started their run, where that is a product or a cart, else of something sold."""

    key = "orders"
    label = gettext_lazy("Places an order")
    icon = "shopping-bag"
    order = 30

    def options(self, at: Standpoint) -> Sequence[Option]:
        product = _product(at)
        if product is None or _buyer(at) is None:
            return []
        return [Option(_("Orders “%(product)s”") % {"product": product.name})]

    def act(self, at: Standpoint, value: str) -> None:
        product, buyer = _product(at), _buyer(at)
        if product and buyer:
            take_orders(items=[_order(at, product, buyer)], source=product.source, now=at.now)


def _product(at: Standpoint) -> Product | None:
    """What they look at; else the first of what can be bought."""
    sold = Product.objects.filter(Product.can_be_bought())
    named = at.context.get("product_id")
    if isinstance(named, str) and (found := sold.filter(external_id=named).first()):
        return found
    return sold.order_by("name", "pk").first()


def _buyer(at: Standpoint) -> ContactRow | None:
    """The names a shop may know them by; None for somebody it cannot know."""
    contact = Contact.objects.filter(pk=at.contact_id).first()
    if contact is None or not (contact.email or contact.external_id):
        return None
    return ContactRow(email=contact.email, external_id=contact.external_id)


def _order(at: Standpoint, product: Product, buyer: ContactRow) -> NewOrder:
    cart = at.context.get("external_id") or at.context.get("cart_external_id")
    line = NewLine(
        name=product.name,
        quantity=Decimal(1),
        unit_price=product.price,
        total=product.price,
        product_external_id=product.external_id,
    )
    return NewOrder(
        external_id=f"rehearsed-{uuid5(at.journey_id, f'{at.contact_id}:{at.number}')}",
        number=_("REHEARSED"),
        currency=product.currency,
        total=product.price,
        placed_at=at.now,
        paid_at=at.now,
        lines=(line,),
        buyer=Buyer(buyer),
        cart_external_id=cart if isinstance(cart, str) and at.context.get("cart_id") else "",
        changed_at=at.now,
    )


behaviours.register(PlacesAnOrder())
