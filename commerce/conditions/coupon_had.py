"""Whether somebody was given a code lately."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy, ngettext

from commerce.models import CouponCode
from contacts.contracts import ConditionScope, conditions

TESTS = {"had": gettext_lazy("was given a code"), "had_not": gettext_lazy("was given none")}


class CouponHadForm(forms.Form):
    test = forms.ChoiceField(
        label=gettext_lazy("Test"), choices=list(TESTS.items()), required=False
    )
    within_days = forms.IntegerField(
        label=gettext_lazy("In the last how many days"), min_value=1, max_value=3650
    )


class CouponHad:
    key = "coupon_had"
    label = gettext_lazy("Was given a coupon")
    group = gettext_lazy("What they bought")
    icon = "ticket"
    form = CouponHadForm

    def summary(self, config: dict[str, Any]) -> str:
        days = config["within_days"]
        words = ngettext(
            "given a coupon in the last day", "given a coupon in the last %(days)s days", days
        )
        if config.get("test") == "had_not":
            words = ngettext(
                "given no coupon in the last day",
                "given no coupon in the last %(days)s days",
                days,
            )
        return words % {"days": days}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        codes = CouponCode.objects.filter(
            contact=OuterRef("pk"),
            issued_at__gt=scope.now - timedelta(days=config["within_days"]),
            issued_at__lte=scope.now,
        )
        had = Q(Exists(codes))
        return ~had if config.get("test") == "had_not" else had


conditions.register(CouponHad())
