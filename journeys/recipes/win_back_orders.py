"""Win-back A: it is long since their last order, by their own measure."""

from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry
from journeys.recipes.win_back_steps import win_back_steps


class WinBackByOrders(Recipe):
    """Starts when somebody is late by their own rhythm of buying; stops on an order."""

    key = "win_back_orders"
    name = gettext_lazy("Win back customers who stopped buying")
    description = gettext_lazy(
        "Writes to customers whose last order is longer ago than is usual for them."
    )
    icon = "undo-2"
    order = 50
    why = (
        gettext_lazy(
            "Late is measured by each person: one and a half times their own interval after "
            "three orders, else your median, else 90 days."
        ),
        gettext_lazy("First what is new, without a discount; then one click that asks why."),
        gettext_lazy(
            "The code depends on what they have spent, so that good customers are treated as such."
        ),
        gettext_lazy(
            "Who stays silent is tagged as dormant: leave that tag out of your campaigns."
        ),
        gettext_lazy("Stops at once when they order."),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("since_last_order", factor=1.5, days=90, at="09:00")],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 60},
            # A run is of one last order: "never" means once after each.
            "settings": {"re_entry": "never"},
            "steps": [pantry.mail("winback-new"), *win_back_steps(pantry)],
        }


recipes.register(WinBackByOrders())
