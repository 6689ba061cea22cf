"""What every step that sends a message has in common, whichever floor sends it."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy

from journeys.contracts.runs import Config, Run


class MessageForm(forms.Form):
    """How late is too late; the form of a message step is built on it."""

    not_after_hours = forms.IntegerField(
        label=gettext_lazy("Do not send later than"),
        help_text=gettext_lazy("Hours after the step was reached. Empty: however late."),
        min_value=1,
        max_value=24 * 90,
        required=False,
    )


def not_after(config: Config, run: Run) -> datetime | None:
    """The moment after which the message of this run is not sent any more; None for never."""
    hours = config.get("not_after_hours")
    return run.reached_at + timedelta(hours=hours) if hours else None
