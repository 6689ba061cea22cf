"""Thanks to customers who have spent a certain sum."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, condition, entry


class LoyaltyCoupon(Recipe):
    """A code for whoever has spent at least so much within a year."""

    key = "loyalty_coupon"
    name = gettext_lazy("Thank loyal customers")
    description = gettext_lazy(
        "Gives a code to customers whose orders of the last year reach a sum you choose."
    )
    icon = "award"
    order = 90
    why = (
        gettext_lazy(
            "Looks after each order whether the sum is reached, so that the thanks come while "
            "they think of you."
        ),
        gettext_lazy("Once in half a year at most, so that it stays a surprise."),
        gettext_lazy("Change the sum in the step “If / else”; 250 is only a beginning."),
    )

    def build(self, pantry: Pantry) -> Config:
        loyal = {
            "all": [
                condition("spend", at_least=250, within_days=365),
                {"not": condition("coupon_had", within_days=180)},
            ]
        }
        thanks = [
            pantry.coupon(
                _("Loyalty: 15%"),
                amount=15,
                prefix=_("LOYAL"),
                valid_hours=24 * 60,
                none_in_days=180,
            ),
            pantry.mail("loyalty-coupon"),
        ]
        return {
            "entries": [entry("order_status", status="placed")],
            "settings": {"re_entry": "never"},
            "steps": [
                pantry.wait(1),
                pantry.until("10:00"),
                pantry.choose(loyal, thanks),
            ],
        }


recipes.register(LoyaltyCoupon())
