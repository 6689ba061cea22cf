"""Stop writing to those who do not answer any more."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, by_a_person, entry


class Sunset(Recipe):
    """Asks once, says goodbye, and marks who stayed silent."""

    key = "sunset"
    name = gettext_lazy("Sunset: let go of silent contacts")
    description = gettext_lazy(
        "Asks people who have not been seen for half a year whether to go on, and marks those "
        "who stay silent."
    )
    icon = "sunset"
    order = 130
    why = (
        gettext_lazy("Mail to people who never react makes all your other mails arrive worse."),
        gettext_lazy("Asks once, with two weeks for an answer, then says goodbye politely."),
        gettext_lazy(
            "Nobody is deleted or unsubscribed: they get the tag “dormant”, to be left out of "
            "campaigns."
        ),
        gettext_lazy("Any sign of life ends it."),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("not_seen", days=180, at="09:00")],
            "exits": [
                {**by_a_person("message.clicked"), "reason": _("Still there")},
                {"event": "order.placed", "reason": _("Still there")},
                {"event": "product.viewed", "reason": _("Still there")},
                {"event": "cart.updated", "reason": _("Still there")},
            ],
            "settings": {"re_entry": "after_days", "re_entry_days": 365, "priority": "low"},
            "steps": [
                pantry.mail("sunset-still"),
                pantry.wait(14),
                pantry.until(),
                pantry.mail("sunset-goodbye"),
                pantry.tag(_("dormant")),
            ],
        }


recipes.register(Sunset())
