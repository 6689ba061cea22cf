"""Looked at and not bought: one mail a day later."""

from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry


class BrowseAbandonment(Recipe):
    """One mail about what they looked at, with things that go with it."""

    key = "browse_abandonment"
    name = gettext_lazy("Browse abandonment")
    description = gettext_lazy(
        "Reminds people of something they looked at and did not put in a cart."
    )
    icon = "eye"
    order = 40
    why = (
        gettext_lazy("One mail and no more: looking is not yet wanting."),
        gettext_lazy("A day later, so that who meant to come back has had the time."),
        gettext_lazy("Not for what they bought or have in a cart; that has a journey of its own."),
        gettext_lazy("Lower priority than a cart: who has both hears about the cart."),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("product_viewed_not_bought", hours=24)],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 5},
            "settings": {"re_entry": "after_days", "re_entry_days": 30, "priority": "low"},
            "steps": [pantry.mail("browse-look", within_hours=24)],
        }


recipes.register(BrowseAbandonment())
