"""Forms of sign-up, of the account and of a workspace's settings."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.clock_fields import clock_input, stretch_problem
from core.mailgate import AddressError, clean_address
from tenants.models import Membership, User, Workspace
from tenants.provisioning import slug_problem
from tenants.scopes import SCOPES
from tenants.signup import Application

DEFAULT_ZONE = "Europe/Rome"


def zone_choices() -> list[tuple[str, str]]:
    """Every IANA zone with a place in it, by name."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return [("UTC", "UTC")] + [(zone, zone.replace("_", " ")) for zone in zones]


class AddressField(forms.CharField):
    """An email address that mail can be sent to, cleaned by the gate all mail passes."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return clean_address(text)
        except AddressError as error:
            raise ValidationError(error.message, code=error.code) from None


class SlugInput(forms.TextInput):
    """An address whose ending is given."""

    suffix = f".{settings.BASE_DOMAIN}"


class SignUpForm(forms.Form):
    """A person and their business; whether the email is known is nobody's business here."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    business = forms.CharField(label=_("Business name"), max_length=80)
    slug = forms.CharField(
        label=_("Address of your workspace"),
        max_length=60,
        widget=SlugInput,
        help_text=_("Where you and your colleagues sign in. Small letters, digits and hyphens."),
    )
    email = AddressField(label=_("Email"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("At least 8 characters. A few words you can remember are best."),
    )
    timezone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check = {
            "hx-get": reverse("slug_check"),
            "hx-include": "closest form",
            "hx-sync": "closest form:queue last",
        }
        ways = {
            "name": {"autocomplete": "name"},
            "business": {
                "autocomplete": "organization",
                **check,
                "hx-target": "#slug-field",
                "hx-trigger": "change",
            },
            "slug": {
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                **check,
                "hx-target": "#slug-note",
                "hx-trigger": "input changed delay:300ms",
            },
            "email": {"autocomplete": "email"},
            "password": {"autocomplete": "new-password"},
            "timezone": {"data-time-zone": ""},
        }
        for field, attributes in ways.items():
            self.fields[field].widget.attrs.update(attributes)

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip().lower()
        if problem := slug_problem(slug):
            raise ValidationError(problem.message, code=problem.code)
        return slug

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_timezone(self) -> str:
        """A guess of the browser: what is not a zone is left aside, not complained about."""
        zone = str(self.cleaned_data["timezone"])
        return zone if zone in available_timezones() else DEFAULT_ZONE

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if password := data.get("password"):
            person = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return data

    def application(self) -> Application:
        """What a valid form says."""
        data = self.cleaned_data
        return Application(
            name=data["name"],
            business=data["business"],
            slug=data["slug"],
            email=data["email"],
            password=data["password"],
            timezone=data["timezone"],
            language=get_language() or settings.LANGUAGE_CODE,
        )


class AccountForm(forms.ModelForm):
    """What a person may change about themselves without proof."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language")


class BusinessForm(forms.ModelForm):
    """The business behind a workspace: who it is, how it looks, how it sends."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of the pages and mails your customers see."),
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    brand_colour = forms.CharField(
        label=_("Brand colour"),
        max_length=7,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Choose a colour like #0e6a5a."))],
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    sender_email = AddressField(
        label=_("Sender address"),
        max_length=254,
        required=False,
        help_text=_("The address your mails come from. Answers arrive there."),
    )
    cap_messages = forms.IntegerField(
        label=_("Marketing messages at most"), min_value=1, max_value=100
    )
    cap_days = forms.IntegerField(label=_("In so many days"), min_value=1, max_value=90)
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=clock_input())
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=clock_input(),
        help_text=_("Over midnight, such as 21:00 to 08:00. Leave both empty for none."),
    )

    class Meta:
        model = Workspace
        fields = (
            "name",
            "postal_address",
            "language",
            "timezone",
            "brand_colour",
            "sender_name",
            "sender_email",
            "cap_messages",
            "cap_days",
            "quiet_from",
            "quiet_until",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["postal_address"].help_text = _(
            "Stands at the foot of every marketing mail; the law asks for it."
        )
        self.fields["sender_name"].help_text = _("Shown as the sender of your mails.")

    def clean_sender_name(self) -> str:
        return one_line(self.cleaned_data["sender_name"])

    def clean_postal_address(self) -> str:
        return one_line(self.cleaned_data["postal_address"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("quiet_from"), data.get("quiet_until")
        hours_are_times = not {"quiet_from", "quiet_until"} & self.errors.keys()
        if hours_are_times and (begins or ends) and (problem := stretch_problem(begins, ends)):
            self.add_error("quiet_from", problem)
        return data


def one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


class RoleForm(forms.Form):
    """A new role for a member."""

    role = forms.ChoiceField(choices=Membership.Role.choices)


class ApiKeyForm(forms.Form):
    """A new API key: a name to know it by, and what it may do."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Where the key is used, such as “Web shop”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
