"""A reminder of a cart needs something in it that can still be bought."""

from django.utils.translation import gettext_lazy as _

from commerce.guards.bought import CART, IS_OF_CART
from commerce.models import Cart, CartLine, Product
from commerce.sql import can_be_bought
from contacts.send_guards import Guard, guards

# What the catalogue does not know can be bought, as far as anybody can tell.
SOMETHING_LEFT = f"""EXISTS (SELECT 1 FROM {CartLine._meta.db_table} AS line
     LEFT JOIN {Product._meta.db_table} AS product ON product.id = line.product_id
     WHERE line.cart_id = cart.id AND (product.id IS NULL OR {can_be_bought("product")}))"""
GONE = f"""EXISTS (SELECT 1 FROM {Cart._meta.db_table} AS cart
     WHERE cart.id = {CART}
       AND (cart.status = 'emptied' OR cart.status = 'open' AND NOT {SOMETHING_LEFT}))"""

guards.register(
    Guard(
        key="cart_gone",
        order=37,
        label=_("Cart emptied or sold out"),
        sentence=_("Nothing in the cart can be bought any more."),
        objects=f"({IS_OF_CART} AND {GONE})",
    )
)
