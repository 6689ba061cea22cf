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


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong, and where."""

    field = serializers.CharField(required=False, help_text="Dotted path in the request.")
    index = serializers.IntegerField(required=False, help_text="Place in a list, from 0.")
    code = serializers.CharField(help_text="Stable; programs can rely on it.")
    message = serializers.CharField(help_text="A sentence for people.")


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of every refusal."""

    code = serializers.CharField(help_text="Stable; programs can rely on it.")
    message = serializers.CharField(help_text="A sentence for people.")
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]
