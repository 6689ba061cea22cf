"""One question about interests; answers become tags."""

from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, entry


class InterestsSurvey(Recipe):
    """Asks customers what they like, in one click."""

    key = "interests_survey"
    name = gettext_lazy("Interests survey")
    description = gettext_lazy(
        "Asks people what they would like to hear about; each answer becomes a tag."
    )
    icon = "list-checks"
    order = 100
    why = (
        gettext_lazy(
            "Asks after the first order, when people have shown that they are interested."
        ),
        gettext_lazy("One click inside the mail; only what they confirm on the page is stored."),
        gettext_lazy("Use the tags in segments, in campaigns, and to branch journeys."),
    )

    def build(self, pantry: Pantry) -> Config:
        return {
            "entries": [entry("order_status", status="placed")],
            "goal": {"event": "survey.answered", "then": "exit", "within_days": 30},
            "settings": {"re_entry": "after_days", "re_entry_days": 365, "priority": "low"},
            "steps": [
                pantry.wait(3),
                pantry.until("10:00"),
                pantry.ask("interests"),
                pantry.mail("interests"),
            ],
        }


recipes.register(InterestsSurvey())
