"""The form of everything in journeys that names a tag."""

from django import forms
from django.utils.translation import gettext_lazy

from contacts import tags
from core.errors import Invalid


class TagForm(forms.Form):
    """Which tag."""

    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=tags.NAME_MAX)

    def clean_tag(self) -> str:
        try:
            return tags.clean_tag(self.cleaned_data["tag"])
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message) from refusal
