"""What people and owners type, checked."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from capture.models import SignupForm
from contacts.addresses import AddressError, normal_address
from contacts.models import ConsentWording

NAME_MAX = 60
TAG_MAX = 60
TAGS_MAX = 10
# A form must not carry somebody's advertisement into a mail: no addresses of any kind in names.
LINKLIKE = re.compile(r"://|www\.|[@<>/\\]|\w\.[a-z]{2,}", re.IGNORECASE)


def clean_person_name(name: str) -> str:
    """A name with single spaces; raises ValidationError when it carries a web address."""
    name = " ".join(name.split())
    if LINKLIKE.search(name):
        raise ValidationError(_("Write only a name here, without web addresses."), code="name_link")
    if not name.isprintable():
        raise ValidationError(_("The name has an invisible character in it."), code="name_invalid")
    return name


class FirstNameField(forms.CharField):
    """An optional first name that cannot carry a message."""

    def __init__(self) -> None:
        super().__init__(
            label=_("First name"),
            required=False,
            max_length=NAME_MAX,
            widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        )

    def clean(self, value: object) -> str:
        return clean_person_name(super().clean(value))


class SignupFields(forms.Form):
    """What a visitor fills in on a hosted form; everything else they send is ignored."""

    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter an email address.")},
    )
    first_name = FirstNameField()
    consent = forms.BooleanField(
        error_messages={"required": _("Tick the box if you want to hear from us.")}
    )

    def __init__(
        self, data: object = None, *, form: SignupForm, wording: ConsentWording, **kwargs: object
    ) -> None:
        super().__init__(data, **kwargs)  # type: ignore[arg-type]
        self.fields["consent"].label = wording.text
        if not form.asks_name:
            del self.fields["first_name"]

    def clean_email(self) -> str:
        try:
            return normal_address(self.cleaned_data["email"])
        except AddressError as error:
            raise ValidationError(error.message, code=error.code) from None


class PreferencesFields(forms.Form):
    """What a contact may change about the mail they get."""

    first_name = FirstNameField()
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    subscribed = forms.BooleanField(required=False)

    def __init__(self, data: object = None, *, sentence: str, **kwargs: object) -> None:
        super().__init__(data, **kwargs)  # type: ignore[arg-type]
        self.fields["subscribed"].label = sentence


class SignupFormFields(forms.ModelForm):
    """The settings of one sign-up form, with the text of its consent wording."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    wording_text = forms.CharField(
        label=_("Consent sentence"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What people agree to. A change makes a new version; who agreed to an older one"
            " keeps that version on record."
        ),
    )
    tag_names = forms.CharField(
        label=_("Tags to add"),
        required=False,
        max_length=400,
        help_text=_("Added once someone is subscribed. Separate tags with commas."),
    )

    class Meta:
        model = SignupForm
        fields = [
            "name",
            "slug",
            "language",
            "title",
            "intro",
            "asks_name",
            "button",
            "double_opt_in",
            "thanks",
        ]
        labels = {
            "name": _("Name, seen only by you"),
            "slug": _("Address of the page"),
            "title": _("Title on the page"),
            "button": _("Text on the button"),
            "thanks": _("Thanks, once they are subscribed"),
        }
        widgets = {
            "intro": forms.Textarea(attrs={"rows": 3}),
            "thanks": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens. Links already shared stop working."),
            "double_opt_in": _(
                "Recommended, and the custom in the EU: nobody can be signed up by somebody else."
            ),
        }

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).lower()

    def clean_tag_names(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["tag_names"].split(",")]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > TAGS_MAX or any(len(name) > TAG_MAX for name in names):
            raise ValidationError(
                _("At most %(most)d tags of %(length)d characters each.")
                % {"most": TAGS_MAX, "length": TAG_MAX},
                code="tags_invalid",
            )
        return names
