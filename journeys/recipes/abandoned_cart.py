"""The abandoned cart: three mails at most, and none after the order."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, condition, entry


class AbandonedCart(Recipe):
    """The items after an hour, help after a day, a code after three for first orders worth it."""

    key = "abandoned_cart"
    name = gettext_lazy("Abandoned cart")
    description = gettext_lazy(
        "Reminds people of what they left in their cart, and stops the moment they order."
    )
    icon = "shopping-cart"
    order = 30
    why = (
        gettext_lazy(
            "Starts when a cart has been still for an hour: sooner is pushy, later is forgotten."
        ),
        gettext_lazy("The first mail has no discount: most people only forgot, and need none."),
        gettext_lazy(
            "Each cart is a run of its own; items, prices and stock are read again when a "
            "mail leaves."
        ),
        gettext_lazy(
            "Stops at once when they order, empty the cart, or everything in it sells out."
        ),
        gettext_lazy(
            "A code comes last, and only for a first order worth at least your median cart, "
            "to people who had none in 30 days."
        ),
    )

    def build(self, pantry: Pantry) -> Config:
        worth_it = {
            "all": [
                condition("cart_value", at_least="median"),
                condition("first_time_buyer"),
                {"not": condition("coupon_had", within_days=30)},
            ]
        }
        with_code = [
            pantry.coupon(
                _("Cart: 10% off the first order"),
                amount=10,
                prefix=_("CART"),
                valid_hours=72,
                max_orders=0,
                none_in_days=30,
            ),
            pantry.mail("cart-code", within_hours=24),
        ]
        return {
            "entries": [entry("cart_abandoned", idle_minutes=60)],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 7},
            "exits": [
                {"event": "cart.emptied", "same": "cart_id", "reason": _("Cart emptied")},
                {"event": "cart.converted", "same": "cart_id", "reason": _("Ordered")},
            ],
            # A run is of one cart: "never" means once a cart.
            "settings": {"re_entry": "never", "priority": "high"},
            "steps": [
                pantry.mail("cart-reminder", within_hours=12),
                pantry.wait(23, "hours"),
                pantry.mail("cart-help", within_hours=24),
                pantry.wait(48, "hours"),
                pantry.choose(worth_it, with_code),
            ],
        }


recipes.register(AbandonedCart())
