"""The welcome series: four mails in the first week after somebody subscribed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, condition, entry


class Welcome(Recipe):
    """Thanks at once, one question after two days, favourites, and a reason to stay."""

    key = "welcome"
    name = gettext_lazy("Welcome new subscribers")
    description = gettext_lazy(
        "Thanks people the moment they confirm, asks what they like, and introduces the "
        "business over the first week."
    )
    icon = "hand-heart"
    order = 10
    why = (
        gettext_lazy("Starts when somebody confirms by themselves, never by an import."),
        gettext_lazy("The first mail goes at once: nobody reads you more closely than today."),
        gettext_lazy(
            "Whoever has bought before gets a welcome of their own, without the introduction."
        ),
        gettext_lazy(
            "One question about interests; the answer becomes a tag that all else can use."
        ),
        gettext_lazy("The next ones come in the morning of their own time zone."),
        gettext_lazy("Whoever orders within 14 days is done: nobody likes to be courted twice."),
    )

    def build(self, pantry: Pantry) -> Config:
        known = [pantry.mail("welcome-back"), pantry.end(_("Customer already"))]
        return {
            "entries": [entry("consent_confirmed")],
            "goal": {"event": "order.placed", "then": "exit", "within_days": 14},
            "settings": {"re_entry": "never"},
            "steps": [
                pantry.choose(condition("ordered", times_at_least=1), known),
                pantry.mail("welcome-thanks"),
                pantry.wait(2),
                pantry.until(),
                pantry.ask("interests"),
                pantry.mail("interests"),
                pantry.wait(2),
                pantry.until(),
                pantry.mail("welcome-favourites"),
                pantry.wait(3),
                pantry.until(),
                pantry.mail("welcome-stay"),
                pantry.tag(_("welcomed")),
            ],
        }


recipes.register(Welcome())
