"""Serializers that refuse what they do not know."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields by name, so that a typing error is not silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated values; raises ValidationError with code unknown_field."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            sentence = _("There is no such field here.")
            raise serializers.ValidationError(
                {name: [sentence] for name in unknown}, code="unknown_field"
            )
        return super().to_internal_value(data)


class ItemErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with one item."""

    field = serializers.CharField(required=False)
    code = serializers.CharField()
    message = serializers.CharField()
