"""Whether a coupon's own rules let the person have a code now."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.coupons.eligibility import NOBODY, may_have
from commerce.coupons.fields import CouponField, coupon_named
from contacts.contracts import ConditionScope, conditions


class MayHaveForm(forms.Form):
    coupon = CouponField(label=gettext_lazy("Coupon"))


class MayHaveCoupon:
    key = "may_have_coupon"
    label = gettext_lazy("May have a coupon")
    group = gettext_lazy("What they bought")
    icon = "ticket-percent"
    form = MayHaveForm

    def summary(self, config: dict[str, Any]) -> str:
        coupon = coupon_named(config.get("coupon"))
        return _("who may have a code of “%(name)s”") % {"name": coupon.name if coupon else "?"}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        coupon = coupon_named(config.get("coupon"))
        return may_have(coupon, scope.now) if coupon else NOBODY


conditions.register(MayHaveCoupon())
