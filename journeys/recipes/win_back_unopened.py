"""Win-back B: no human open or click in the last five campaigns they received."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, by_a_person, entry
from journeys.recipes.win_back_steps import win_back_steps


class WinBackByCampaigns(Recipe):
    """Starts when somebody has stopped reading; stops on any human activity."""

    key = "win_back_unopened"
    name = gettext_lazy("Win back readers who stopped reading")
    description = gettext_lazy(
        "Writes to people who opened none of the last five campaigns they received."
    )
    icon = "mail-x"
    order = 60
    why = (
        gettext_lazy(
            "Counts campaigns they received, not those you sent: who joined yesterday has "
            "missed nothing."
        ),
        gettext_lazy(
            "Only what people do counts: privacy proxies and scanners open everything and "
            "mean nothing."
        ),
        gettext_lazy("Stops at the first sign of life: an open, a click, a visit or an order."),
        gettext_lazy(
            "Who stays silent is tagged as dormant: leaving them out of campaigns helps all "
            "your other mails arrive."
        ),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("campaigns_unopened", last=5)],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 60},
            "exits": [
                {**by_a_person("message.opened"), "reason": _("Reads again")},
                {**by_a_person("message.clicked"), "reason": _("Reads again")},
                {"event": "product.viewed", "reason": _("Visits again")},
                {"event": "cart.updated", "reason": _("Visits again")},
            ],
            "settings": {"re_entry": "after_days", "re_entry_days": 180},
            "steps": [pantry.mail("winback-new"), *win_back_steps(pantry)],
        }


recipes.register(WinBackByCampaigns())
