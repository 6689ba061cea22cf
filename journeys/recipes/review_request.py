"""The review request: satisfaction first, then stars, then the same thanks for everybody."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Recipe, recipes
from journeys.pantry import Pantry, condition, entry


class ReviewRequest(Recipe):
    """Asks how it went, then for a review of at most three products, with one reminder."""

    key = "review_request"
    name = gettext_lazy("Review request")
    description = gettext_lazy(
        "Asks for a review some days after the delivery, once it is clear that all went well."
    )
    icon = "star"
    order = 70
    why = (
        gettext_lazy(
            "Counts from the delivery, or from the dispatch where the shop does not tell more."
        ),
        gettext_lazy(
            "One click about order and delivery first: whoever is unhappy gets a person "
            "before a form."
        ),
        gettext_lazy(
            "An unhappy answer opens a task for you and delays the question; it never cancels it."
        ),
        gettext_lazy(
            "Stars are chosen in the mail, for three products at most, with one reminder."
        ),
        gettext_lazy("Thanks and code are the same for every rating, and the mail says so."),
        gettext_lazy(
            "Stops when the order is cancelled or refunded, and waits while a ticket is open."
        ),
    )

    def build(self, pantry: Pantry) -> Config:
        satisfaction = pantry.take("survey", "satisfaction")
        delay = [pantry.wait(7), pantry.until("10:00")]
        reminded = [
            pantry.mail("review-reminder"),
            pantry.wait_for("review.submitted", 14, [], [pantry.end(_("No review"))]),
        ]
        return {
            "entries": [entry("order_status", status="delivered_or_fulfilled", fallback_days=14)],
            "goal": {"event": "review.submitted", "then": "stay", "within_days": 45},
            "exits": [
                {"event": "order.cancelled", "same": "order_id", "reason": _("Cancelled")},
                {"event": "order.refunded", "same": "order_id", "reason": _("Refunded")},
            ],
            # A run is of one order: "never" means once an order.
            "settings": {"re_entry": "never"},
            "steps": [
                pantry.wait(2),
                pantry.until("10:00"),
                pantry.ask("satisfaction"),
                pantry.mail("review-satisfaction"),
                pantry.wait_for("survey.answered", 3, [], []),
                pantry.choose(condition("survey_answer", survey=satisfaction, at_most=2), delay),
                pantry.step("request_review", {"most": 3}),
                pantry.mail("review-stars"),
                pantry.wait_for("review.submitted", 7, [], reminded),
                pantry.coupon(
                    _("Thanks for a review: 10%"),
                    amount=10,
                    prefix=_("THANKS"),
                    valid_hours=24 * 60,
                    none_in_days=30,
                ),
                pantry.mail("review-thanks"),
            ],
        }


recipes.register(ReviewRequest())
