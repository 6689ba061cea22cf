"""A code on the birthday."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry


class Birthday(Recipe):
    """One mail with a code on the morning of the day."""

    key = "birthday"
    name = gettext_lazy("Birthday")
    description = gettext_lazy(
        "Congratulates people on the morning of their birthday, with a small present."
    )
    icon = "cake"
    order = 120
    why = (
        gettext_lazy("At nine in the morning of their own time zone."),
        gettext_lazy("Reads the field “birthday” of your contacts; it is made if you have none."),
        gettext_lazy("The code is valid for two weeks: presents should not expire overnight."),
    )

    def build(self, pantry: Pantry) -> Config:
        field = pantry.take("date_field", "birthday", label=_("Birthday"))
        return {
            "entries": [entry("field_date", field=field, yearly=True, days_before=0, at="09:00")],
            # The mail is for this one morning: what can wait, waits.
            "settings": {"re_entry": "never", "priority": "high"},
            "steps": [
                pantry.coupon(
                    _("Birthday: 15%"), amount=15, prefix=_("CHEERS"), valid_hours=24 * 14
                ),
                pantry.mail("birthday", within_hours=12),
            ],
        }


recipes.register(Birthday())
