"""Fields and words that conditions over purchases share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

GROUP = gettext_lazy("What they bought")


class DaysField(forms.IntegerField):
    """A number of days, up to a century."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 36500, "required": False} | options)


class ValueField(forms.DecimalField):
    """An amount in the main currency."""

    def __init__(self, **options: Any) -> None:
        limits = {"min_value": 0, "max_digits": 14, "decimal_places": 3, "required": False}
        super().__init__(**limits | options)


def window_words(config: dict[str, Any]) -> str:
    """When, in words; "" for ever."""
    parts = []
    if days := config.get("within_days"):
        parts.append(
            ngettext("in the last day", "in the last %(days)s days", days) % {"days": days}
        )
    if days := config.get("older_than_days"):
        parts.append(
            ngettext("more than a day ago", "more than %(days)s days ago", days) % {"days": days}
        )
    return " ".join(parts)
