"""A length of time in the words of one unit, as precise as it deserves."""

from datetime import timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def span_words(span: timedelta) -> str:
    """ "2.4 days", "5.0 hours", "12 minutes"."""
    minutes = span.total_seconds() / 60
    if minutes < 90:
        return _("%(number)s minutes") % {"number": number_format(minutes, decimal_pos=0)}
    if minutes < 48 * 60:
        return _("%(number)s hours") % {"number": number_format(minutes / 60, decimal_pos=1)}
    return _("%(number)s days") % {"number": number_format(minutes / 60 / 24, decimal_pos=1)}
