"""The time of day that time-born entries ask for."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.clock_fields import clock_input

NINE = "09:00"


def time_field() -> forms.TimeField:
    """A time of day where the person is."""
    return forms.TimeField(
        label=gettext_lazy("At"),
        initial=NINE,
        help_text=gettext_lazy("In the person's own time zone, else in yours."),
        widget=clock_input(),
    )


def time_of(config: dict[str, Any]) -> time:
    """The time of day of these settings."""
    return time.fromisoformat(str(config.get("at") or NINE))
