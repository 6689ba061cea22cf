"""Interim until the interface room lands."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders forms from the project's templates."""
