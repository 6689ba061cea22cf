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
