"""Shopify: webhooks made in its admin or by an app, as JSON."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.payloads import Payload
from commerce.shop_kinds import (
    Instruction,
    News,
    Setup,
    ShopCall,
    ShopKind,
    Topic,
    call_id,
    check_signature,
    shops,
)
from commerce.shops.shopify import carts, orders, people, products
from commerce.shops.shopify.headers import DELIVERY, DOMAIN, SIGNATURE, TEST, TOPIC


class Shopify(ShopKind):
    """A Shopify shop."""

    key = "shopify"
    label = "Shopify"
    icon = "shopping-bag"
    kept_headers = (TOPIC, DELIVERY, DOMAIN, TEST)
    setup = Setup(
        makes_secret=False,
        steps=(
            Instruction(
                gettext_lazy(
                    "In Shopify open Settings, Notifications, Webhooks, and choose"
                    " “Create webhook”."
                )
            ),
            Instruction(
                gettext_lazy(
                    "Choose the event and the format JSON. Below is the list of events: each needs"
                    " a webhook of its own."
                ),
                shows="topics",
            ),
            Instruction(gettext_lazy("As URL paste this address, and save."), shows="address"),
            Instruction(
                gettext_lazy(
                    "Under the list of webhooks Shopify shows the key they are signed with. Enter"
                    " it here."
                ),
                shows="secret",
            ),
        ),
        topics=(
            Topic(gettext_lazy("Order creation"), "orders/create"),
            Topic(gettext_lazy("Order update"), "orders/updated"),
            Topic(gettext_lazy("Order payment"), "orders/paid"),
            Topic(gettext_lazy("Order fulfillment"), "orders/fulfilled"),
            Topic(gettext_lazy("Order cancellation"), "orders/cancelled"),
            Topic(gettext_lazy("Order deletion"), "orders/delete"),
            Topic(gettext_lazy("Fulfillment creation"), "fulfillments/create"),
            Topic(gettext_lazy("Fulfillment update"), "fulfillments/update"),
            Topic(gettext_lazy("Refund create"), "refunds/create"),
            Topic(gettext_lazy("Product creation"), "products/create"),
            Topic(gettext_lazy("Product update"), "products/update"),
            Topic(gettext_lazy("Product deletion"), "products/delete"),
            Topic(gettext_lazy("Cart creation"), "carts/create"),
            Topic(gettext_lazy("Cart update"), "carts/update"),
            Topic(gettext_lazy("Checkout creation"), "checkouts/create"),
            Topic(gettext_lazy("Checkout update"), "checkouts/update"),
            Topic(gettext_lazy("Checkout deletion"), "checkouts/delete"),
            Topic(gettext_lazy("Customer creation"), "customers/create"),
            Topic(gettext_lazy("Customer update"), "customers/update"),
        ),
        remarks=(
            gettext_lazy(
                "An app of your own may send the same topics, and the three about privacy:"
                " customers/data_request, customers/redact and shop/redact. Its secret is then"
                " the app's client secret."
            ),
        ),
    )

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str) -> None:
        check_signature(given=headers.get(SIGNATURE, ""), body=body, secret=secret)

    def topic(self, headers: Mapping[str, str]) -> str:
        return headers.get(TOPIC, "")

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        return call_id(headers.get(DELIVERY, ""), body)

    def translate(self, call: ShopCall) -> News:
        if call.headers.get(TEST, "").lower() == "true":
            return News(ignored=_("A test notification: the connection works."))
        reader = READERS.get(call.topic)
        if reader is None:
            return News(ignored=_("Nothing is done with “%(topic)s”.") % {"topic": call.topic[:60]})
        notes: list[str] = []
        return reader(Payload(call.payload, received_at=call.received_at, notes=notes), call)


READERS: dict[str, Callable[[Payload, ShopCall], News]] = {
    **{
        f"orders/{event}": orders.order
        for event in ("create", "updated", "edited", "paid", "partially_fulfilled", "fulfilled",
                      "cancelled")
    },
    "orders/delete": orders.deleted_order,
    "fulfillments/create": orders.fulfillment,
    "fulfillments/update": orders.fulfillment,
    "refunds/create": orders.refund,
    "products/create": products.product,
    "products/update": products.product,
    "products/delete": products.deleted_product,
    "carts/create": carts.cart,
    "carts/update": carts.cart,
    "checkouts/create": carts.checkout,
    "checkouts/update": carts.checkout,
    "checkouts/delete": carts.deleted_checkout,
    "customers/create": people.customer,
    "customers/update": people.customer,
    "customers/data_request": people.data_request,
    "customers/redact": people.data_request,
    "shop/redact": people.shop_redact,
    "app/uninstalled": people.uninstalled,
}  # fmt: skip

shops.register(Shopify())
