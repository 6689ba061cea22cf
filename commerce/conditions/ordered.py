"""How often somebody ordered, when, and what."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.choosing import ProductField, category_field, category_name, product_name
from commerce.condition_words import GROUP, DaysField, ValueField, window_words
from commerce.purchases import ordered_at_least
from contacts.contracts import ConditionScope, conditions

NAMES = (
    "times_at_least", "times_at_most", "within_days", "older_than_days", "category", "product",
    "min_line_value", "max_line_value",
)  # fmt: skip


class OrderedForm(forms.Form):
    times_at_least = forms.IntegerField(
        label=gettext_lazy("At least how often"), min_value=1, max_value=10000, required=False
    )
    times_at_most = forms.IntegerField(
        label=gettext_lazy("At most how often"),
        min_value=0,
        max_value=10000,
        required=False,
        help_text=gettext_lazy("0 for those who never did."),
    )
    within_days = DaysField(label=gettext_lazy("In the last how many days"))
    older_than_days = DaysField(label=gettext_lazy("Longer ago than how many days"))
    category = category_field()
    product = ProductField()
    min_line_value = ValueField(label=gettext_lazy("For at least"))
    max_line_value = ValueField(label=gettext_lazy("For less than"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and all(cleaned.get(name) in (None, "") for name in NAMES):
            raise forms.ValidationError(_("Say how often, when or what."), code="blank")
        least, most = cleaned.get("times_at_least"), cleaned.get("times_at_most")
        if least is not None and most is not None and least > most:
            self.add_error("times_at_most", _("This is less than the least."))
        return cleaned


class OrderedCondition:
    key = "ordered"
    label = gettext_lazy("Ordered")
    group = GROUP
    icon = "shopping-bag"
    form = OrderedForm

    def summary(self, config: dict[str, Any]) -> str:
        parts = [_times(config), _what(config), _worth(config), window_words(config)]
        return " ".join(part for part in parts if part)

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """At least once where nothing is said of how often."""
        least, most = config.get("times_at_least"), config.get("times_at_most")
        if least is None and most is None:
            least = 1
        found = ordered_at_least(int(least or 0), config, scope.now)
        if most is not None:
            found &= ~ordered_at_least(int(most) + 1, config, scope.now)
        return found


def _times(config: dict[str, Any]) -> str:
    least, most = config.get("times_at_least"), config.get("times_at_most")
    if most == 0:
        return _("who never ordered")
    if least and most:
        return _("who ordered %(least)s to %(most)s times") % {"least": least, "most": most}
    if most:
        return ngettext(
            "who ordered at most once", "who ordered at most %(count)s times", most
        ) % {"count": most}  # fmt: skip
    return ngettext("who ordered", "who ordered at least %(count)s times", least or 1) % {
        "count": least or 1
    }


def _what(config: dict[str, Any]) -> str:
    if config.get("product"):
        return _("the product “%(name)s”") % {"name": product_name(config["product"])}
    if config.get("category"):
        return _("in the category “%(name)s”") % {"name": category_name(config["category"])}
    return ""


def _worth(config: dict[str, Any]) -> str:
    least, below = config.get("min_line_value"), config.get("max_line_value")
    if least and below:
        return _("for at least %(least)s and less than %(below)s") % {
            "least": least,
            "below": below,
        }
    if least:
        return _("for at least %(least)s") % {"least": least}
    return _("for less than %(below)s") % {"below": below} if below else ""


conditions.register(OrderedCondition())
