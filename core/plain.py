"""What forms clean, as plain JSON."""

from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model


def plain(value: Any) -> Any:
    """The value as JSON can hold it: dates in ISO, rows by their key, exact numbers as text."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain(item) for item in value]
        return sorted(items) if isinstance(value, (set, frozenset)) else items
    return value
