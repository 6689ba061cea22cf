"""Bought N years ago: time to think of a new one."""

from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry


class Replacement(Recipe):
    """One mail, years after a purchase, to each whose day it is."""

    key = "replacement"
    name = gettext_lazy("Replacement: bought years ago")
    description = gettext_lazy(
        "Writes to customers when what they bought is so old that they may need a new one."
    )
    icon = "history"
    order = 110
    why = (
        gettext_lazy(
            "Each day exactly those whose day it is, at nine in the morning where they live."
        ),
        gettext_lazy("Choose category, age and sum in the way in; two years is only a beginning."),
        gettext_lazy("Those whose day has passed already are left alone unless you ask for them."),
        gettext_lazy("Stops when they order anything meanwhile."),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("order_line_date", amount=2, unit="years", at="09:00")],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 30},
            # A run is of one line of an order: "never" means once a line.
            "settings": {"re_entry": "never"},
            "steps": [pantry.mail("replacement")],
        }


recipes.register(Replacement())
