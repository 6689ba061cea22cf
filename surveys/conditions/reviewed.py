"""Whether somebody wrote a review."""

from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from surveys.models import Review, ReviewRequest

ORDERS = {
    "any": gettext_lazy("of anything they bought"),
    "asked": gettext_lazy("of the order this journey asked about last"),
}


class ReviewedForm(forms.Form):
    """Of which order."""

    order = forms.ChoiceField(label=gettext_lazy("A review"), choices=list(ORDERS.items()))


class ReviewedCondition:
    """Reviews count from the moment they were sent, published or not."""

    key = "reviewed"
    label = gettext_lazy("Review written")
    group = gettext_lazy("What they said")
    icon = "star"
    form = ReviewedForm

    def summary(self, config: dict[str, Any]) -> str:
        return _("who wrote a review %(which)s") % {"which": ORDERS[config["order"]]}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        reviews = Review.objects.filter(contact=OuterRef("pk"), submitted_at__lte=scope.now)
        if config["order"] == "any":
            return Q(Exists(reviews))
        asked = ReviewRequest.objects.filter(
            contact=OuterRef("contact"), asked_at__lte=scope.now
        ).order_by("-asked_at", "-id")
        if scope.journey_id:
            asked = asked.filter(journey_id=scope.journey_id)
        # An order that has no id is known by its request.
        return Q(
            Exists(
                reviews.alias(
                    asked_order=Subquery(asked.values("order_id")[:1]),
                    asked_request=Subquery(asked.values("pk")[:1]),
                ).filter(Q(order_id=F("asked_order")) | Q(request=F("asked_request")))
            )
        )


conditions.register(ReviewedCondition())
