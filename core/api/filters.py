"""Filters whose values the database can always read."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django_filters.fields import IsoDateTimeField


class MomentFormField(IsoDateTimeField):
    """A moment in UTC: PostgreSQL refuses zones further from it than sixteen hours."""

    def clean(self, value: Any) -> datetime | None:
        """Raises ValidationError for a moment the calendar does not have."""
        moment: datetime | None = super().clean(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise forms.ValidationError(_("This moment cannot be told in UTC.")) from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    """Filters by a moment with its time zone."""

    field_class = MomentFormField


class YesNoFormField(forms.Field):
    """`true` or `false`; Django's own takes anything else for neither, and filters nothing."""

    def to_python(self, value: Any) -> bool | None:
        """Raises ValidationError for anything but the two words, in any case."""
        words = {"": None, "true": True, "false": False}
        given = str("" if value is None else value).lower()
        if given not in words:
            raise forms.ValidationError(_("Write true or false."))
        return words[given]


class YesNoFilter(django_filters.BooleanFilter):
    """Filters by yes or no, and refuses what is neither."""

    field_class = YesNoFormField
