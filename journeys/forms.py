"""What owners fill in on the pages of journeys, beyond the settings of steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Tag
from contacts.widgets import SuggestInput, tag_names

# As many as one request may let in; more than that is what entries are for.
MOST_ADDED = 20_000


class NameForm(forms.Form):
    """What to call a journey."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=300, required=False
    )


class TagPeopleForm(forms.Form):
    """Everybody with a tag."""

    tag = forms.CharField(
        label=gettext_lazy("Everybody with the tag"),
        max_length=60,
        widget=SuggestInput(tag_names),
    )

    def clean_tag(self) -> Tag:
        tag = Tag.objects.filter(name__iexact=self.cleaned_data["tag"].strip()).first()
        if tag is None:
            raise forms.ValidationError(_("No contact has this tag."), code="unknown_tag")
        return tag


class ChosenPeopleForm(forms.Form):
    """Contacts chosen from a list."""

    ids = forms.ModelMultipleChoiceField(
        queryset=Contact.objects.none(),
        error_messages={"required": gettext_lazy("Choose at least one person.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ids"].queryset = Contact.objects.all()  # type: ignore[attr-defined]
