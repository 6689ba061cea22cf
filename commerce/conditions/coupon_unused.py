"""Whether somebody holds a code that still works; for reminding them of it."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.coupons.fields import CouponField
from commerce.models import CouponCode
from contacts.contracts import ConditionScope, conditions

TESTS = {"holds": gettext_lazy("holds one"), "holds_none": gettext_lazy("holds none")}


class CouponUnusedForm(forms.Form):
    test = forms.ChoiceField(label=gettext_lazy("Test"), choices=list(TESTS.items()))
    coupon = CouponField(
        label=gettext_lazy("Coupon"),
        required=False,
        help_text=gettext_lazy("Leave it empty for any."),
    )


class CouponUnused:
    key = "coupon_unused"
    label = gettext_lazy("Holds an unused coupon")
    group = gettext_lazy("What they bought")
    icon = "ticket-check"
    form = CouponUnusedForm

    def summary(self, config: dict[str, Any]) -> str:
        if config["test"] == "holds_none":
            return _("holding no unused coupon")
        return _("holding a coupon they have not used")

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        codes = CouponCode.objects.filter(
            Q(redeemed_at__isnull=True) | Q(redeemed_at__gt=scope.now),
            Q(expires_at__isnull=True) | Q(expires_at__gt=scope.now),
            contact=OuterRef("pk"),
            issued_at__lte=scope.now,
        )
        if config.get("coupon"):
            codes = codes.filter(coupon=config["coupon"])
        holds = Q(Exists(codes))
        return ~holds if config["test"] == "holds_none" else holds


conditions.register(CouponUnused())
