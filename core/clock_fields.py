"""Times of day in forms."""

from datetime import time

from django import forms
from django.utils.translation import gettext as _


def clock_input() -> forms.TimeInput:
    """The browser's own control for a time of day."""
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def stretch_problem(begins: time | None, ends: time | None) -> str:
    """What is wrong with a stretch of each day from one time to another; "" when nothing is."""
    if begins is None or ends is None:
        return _("Say from when and until when.")
    return _("It cannot begin and end at the same time.") if begins == ends else ""
