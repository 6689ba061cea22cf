"""The welcome series with a code for the first order."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, condition, entry


class WelcomeWithCode(Recipe):
    """A code at once, and one reminder when it has not been used."""

    key = "welcome_with_code"
    name = gettext_lazy("Welcome with a code")
    description = gettext_lazy(
        "The welcome for shops: a code for the first order, one question, favourites, and one "
        "reminder of the code."
    )
    icon = "ticket-percent"
    order = 20
    why = (
        gettext_lazy("Each person gets a code of their own, so that it cannot be passed around."),
        gettext_lazy(
            "Only people who have never ordered get one: nobody is paid for what they do anyway."
        ),
        gettext_lazy("It is valid for ten days, and we say once that it has not been used."),
        gettext_lazy("Your shop must know the codes: connect it, or load a list made there."),
    )

    def build(self, pantry: Pantry) -> Config:
        known = [pantry.mail("welcome-back"), pantry.end(_("Customer already"))]
        code = pantry.coupon(
            _("Welcome: 10% off the first order"),
            amount=10,
            prefix=_("HELLO"),
            valid_hours=240,
            max_orders=0,
        )
        still = condition("coupon_unused", test="holds", coupon=code["config"]["coupon"])
        unused = [pantry.mail("welcome-code-reminder", within_hours=24)]
        return {
            "entries": [entry("consent_confirmed")],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 14},
            "settings": {"re_entry": "never"},
            "steps": [
                pantry.choose(condition("ordered", times_at_least=1), known),
                code,
                pantry.mail("welcome-code"),
                pantry.wait(2),
                pantry.until(),
                pantry.ask("interests"),
                pantry.mail("interests"),
                pantry.wait(2),
                pantry.until(),
                pantry.mail("welcome-favourites"),
                pantry.wait(3),
                pantry.until(),
                pantry.choose(still, unused),
                pantry.tag(_("welcomed")),
            ],
        }


recipes.register(WelcomeWithCode())
