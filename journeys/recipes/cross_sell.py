"""After an order: what goes with it."""

from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry


class CrossSell(Recipe):
    """One mail with what others bought together with the same."""

    key = "cross_sell"
    name = gettext_lazy("After an order: what goes with it")
    description = gettext_lazy(
        "Shows customers what others bought together with what they have just got."
    )
    icon = "sparkles"
    order = 80
    why = (
        gettext_lazy(
            "Comes after the delivery: before it, people want their parcel and not the next one."
        ),
        gettext_lazy("What goes together is counted from your own orders each night, not guessed."),
        gettext_lazy(
            "Never what they have, what is sold out, or what they were shown a moment ago."
        ),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("order_status", status="delivered")],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 21},
            "settings": {"re_entry": "never", "priority": "low"},
            "steps": [
                pantry.wait(5),
                pantry.until("18:00"),
                pantry.mail("cross-sell"),
            ],
        }


recipes.register(CrossSell())
