"""Nobody is asked to buy what they have just bought.

A run about a cart: the cart was ordered, or its owner placed any order since the run began. A run
about a product that was looked at: that product was bought since. A run that an order began is
about neither, whatever cart the order came from.
"""

from django.utils.translation import gettext_lazy as _

from commerce.models import Cart, Order, OrderLine, Product
from commerce.sql import counts, uuid_of
from contacts.send_guards import Guard, guards
from journeys.contracts import run_started

# Marketing of a run; `event` is what began it. A run by hand has none.
EVENT = "m.context -> 'event'"
IS_ABOUT = f"m.lane > 0 AND m.enrolment_id IS NOT NULL AND {EVENT} ->> 'order_id' IS NULL"
IS_OF_CART = f"{IS_ABOUT} AND {EVENT} ->> 'cart_id' <> ''"
IS_OF_PRODUCT = f"{IS_ABOUT} AND {EVENT} ->> 'cart_id' IS NULL AND {EVENT} ->> 'product_id' <> ''"
CART = uuid_of(f"{EVENT} ->> 'cart_id'")
PRODUCT = uuid_of(f"{EVENT} ->> 'product_id'")
SINCE = f"coalesce({run_started('m.enrolment_id')}, m.queued_at)"

CART_ORDERED = f"""EXISTS (SELECT 1 FROM {Cart._meta.db_table} AS cart
     WHERE cart.id = {CART} AND cart.status = 'converted')"""
ORDERED_SINCE = f"""EXISTS (SELECT 1 FROM {Order._meta.db_table} AS placed
     WHERE placed.contact_id = m.contact_id AND placed.placed_at >= {SINCE}
       AND {counts("placed")})"""
# Products are named by our id, or by the shop's.
PRODUCT_BOUGHT = f"""EXISTS (SELECT 1 FROM {OrderLine._meta.db_table} AS line
     JOIN {Product._meta.db_table} AS product ON product.id = line.product_id
     WHERE line.contact_id = m.contact_id AND line.counts AND line.placed_at >= {SINCE}
       AND (product.id = {PRODUCT} OR product.external_id = {EVENT} ->> 'product_id'))"""

guards.register(
    Guard(
        key="bought_already",
        order=36,
        label=_("Bought already"),
        sentence=_("This person has bought meanwhile."),
        objects=(
            f"(({IS_OF_CART} AND ({CART_ORDERED} OR {ORDERED_SINCE}))"
            f" OR ({IS_OF_PRODUCT} AND {PRODUCT_BOUGHT}))"
        ),
    )
)
