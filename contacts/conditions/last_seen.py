"""How long ago people were last active: a visit, a cart, an order, a click, an answer."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.contracts import ConditionScope, conditions


class LastSeenForm(forms.Form):
    more_than_days = forms.IntegerField(
        label=gettext_lazy("Not seen for more than how many days"),
        min_value=1,
        max_value=36500,
        required=False,
        help_text=gettext_lazy("Who was never seen counts from the day they were added."),
    )
    less_than_days = forms.IntegerField(
        label=gettext_lazy("Seen in the last how many days"),
        min_value=1,
        max_value=36500,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            self.add_error("more_than_days", _("Fill in one of the two."))
        return cleaned


class LastSeen:
    key = "last_seen"
    label = gettext_lazy("Last seen")
    group = gettext_lazy("What they did")
    icon = "eye"
    form = LastSeenForm

    def summary(self, config: dict[str, Any]) -> str:
        parts = []
        if days := config.get("more_than_days"):
            words = ngettext("not seen for a day", "not seen for %(days)s days", days)
            parts.append(words % {"days": days})
        if days := config.get("less_than_days"):
            words = ngettext("seen in the last day", "seen in the last %(days)s days", days)
            parts.append(words % {"days": days})
        return _(" and ").join(parts)

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """Each part asks whether there is a moment first, so that nobody is neither in nor out."""
        found = Q()
        if days := config.get("more_than_days"):
            then = scope.now - timedelta(days=days)
            found &= Q(last_seen_at__isnull=False, last_seen_at__lte=then) | Q(
                last_seen_at__isnull=True, created_at__lte=then
            )
        if days := config.get("less_than_days"):
            then = scope.now - timedelta(days=days)
            found &= Q(last_seen_at__isnull=False, last_seen_at__gt=then)
        return found


conditions.register(LastSeen())
