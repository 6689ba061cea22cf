"""Forms of the contact pages; their values go to services, which judge them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import DATE_ORDERS, field_key
from contacts.imports.targets import FIELD, NEW_FIELD, SKIP, TARGETS
from contacts.models import Contact, ContactField, ContactImport
from contacts.rows import ContactRow
from contacts.widgets import SuggestInput, tag_names
from core.errors import Invalid

CUSTOM = "field-"


def _control(field: ContactField) -> forms.Field:
    kinds = ContactField.Type
    common: dict[str, Any] = {"label": field.label, "required": False}
    if field.type == kinds.DATE:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.CharField(widget=widget, **common)
    if field.type == kinds.BOOLEAN:
        choices = [("", "–"), ("true", _("Yes")), ("false", _("No"))]
        return forms.ChoiceField(choices=choices, **common)
    if field.type == kinds.CHOICE:
        choices = [("", "–"), *((each, each) for each in field.choices)]
        return forms.ChoiceField(choices=choices, **common)
    if field.type == kinds.NUMBER:
        return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common)
    return forms.CharField(max_length=2000, **common)


class ContactForm(forms.Form):
    """A contact's own values and its custom fields."""

    email = forms.CharField(
        label=_("Email"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(label=_("First name"), required=False, max_length=100)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=100)
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    external_id = forms.CharField(
        label=_("Your own customer number"), required=False, max_length=128
    )
    language = forms.CharField(
        label=_("Language"), required=False, max_length=8, help_text=_("A code like en or it.")
    )
    timezone = forms.CharField(
        label=_("Time zone"), required=False, max_length=64, help_text=_("Like Europe/Rome.")
    )

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        if contact is not None:
            kwargs["initial"] = _values_of(contact)
        super().__init__(*args, **kwargs)
        for field in ContactField.objects.all():
            self.fields[CUSTOM + field.key] = _control(field)

    def row(self) -> ContactRow:
        """The values as a row; a blank clears."""
        values = dict(self.cleaned_data)
        custom = {
            name.removeprefix(CUSTOM): values.pop(name) or None
            for name in list(values)
            if name.startswith(CUSTOM)
        }
        plain = {name: values[name] for name in ContactForm.base_fields}
        return ContactRow(**plain, fields=custom)

    def refuse(self, refusal: Invalid) -> None:
        """Show a service's refusal at the fields it is about."""
        for problem in refusal.problems:
            name = problem.field.replace("fields.", CUSTOM)
            self.add_error(name if name in self.fields else None, str(problem.message))


def _values_of(contact: Contact) -> dict[str, Any]:
    values = {name: getattr(contact, name) for name in ContactForm.base_fields}
    for key, value in contact.fields.items():
        values[CUSTOM + key] = str(value).lower() if isinstance(value, bool) else value
    return values


class NewContactForm(ContactForm):
    """A new contact, with the consent a colleague may vouch for."""

    agreed = forms.BooleanField(label=_("This person agreed to get marketing mail"), required=False)
    agreement = forms.CharField(
        label=_("How and where did they agree?"), required=False, max_length=300,
        help_text=_("Kept as proof, for example: signed the list at the counter, 3 May."),
    )  # fmt: skip
    field_order = ["email", "first_name", "last_name", "phone"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("agreed") and not cleaned.get("agreement"):
            self.add_error("agreement", _("Say how they agreed: it is your proof."))
        return cleaned


class ConsentForm(forms.Form):
    """A consent, or its withdrawal, told to a colleague."""

    action = forms.ChoiceField(
        label=_("What did they say?"),
        choices=[
            ("unsubscribed", _("They want no more marketing mail")),
            ("subscribed", _("They agreed to get marketing mail")),
        ],
    )
    detail = forms.CharField(
        label=_("How and where?"), max_length=300, help_text=_("Kept in the ledger as proof.")
    )


class FieldForm(forms.ModelForm):
    """A new custom field."""

    options = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line; only for the type “Choice”."),
    )  # fmt: skip

    class Meta:
        model = ContactField
        fields = ("label", "type")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lines = [line.strip() for line in cleaned.get("options", "").splitlines()]
        cleaned["options"] = list(dict.fromkeys(line for line in lines if line))[:100]
        if cleaned.get("type") == ContactField.Type.CHOICE and not cleaned["options"]:
            self.add_error("options", _("Give at least one choice."))
        key = field_key(cleaned.get("label", ""))
        if ContactField.objects.filter(key=key).exists():
            self.add_error("label", _("There is a field of this name already."))
        cleaned["key"] = key
        return cleaned


class UploadForm(forms.Form):
    """The file of an import."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=_("Exported from your shop, Mailchimp, Klaviyo or a spreadsheet."),
    )


class MappingForm(forms.Form):
    """What each column is, and what holds for the whole file."""

    tag = forms.CharField(
        label=_("Tag for everybody in the file"), required=False, max_length=60,
        widget=SuggestInput(tag_names),
    )  # fmt: skip
    date_order = forms.ChoiceField(
        label=_("Dates in this file are written like"),
        required=False,
        choices=[
            ("", _("Choose…")),
            *zip(
                DATE_ORDERS,
                ("2026-12-31", _("31/12/2026, day first"), _("12/31/2026, month first")),
                strict=True,
            ),
        ],
        help_text=_("Asked only when a column holds dates."),
    )
    consent = forms.ChoiceField(
        label=_("May you send marketing mail to the people in this file?"),
        widget=forms.RadioSelect,
        choices=[
            ("no", _("No, or I do not know: add them without subscribing them")),
            ("yes", _("Yes, they agreed, and I can say to what")),
        ],
        initial="no",
    )
    wording = forms.CharField(
        label=_("What did they agree to?"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The sentence beside the box they ticked. Kept as proof for each person."),
    )  # fmt: skip

    def __init__(self, *args: Any, job: ContactImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = target_choices()
        for number, column in enumerate(job.columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=column or _("Column %(number)s") % {"number": number + 1},
                required=False,
                choices=choices,
                initial=job.mapping.get(str(number), SKIP),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("consent") == "yes" and not cleaned.get("wording", "").strip():
            self.add_error("wording", _("Say what they agreed to: it is your proof."))
        return cleaned

    def mapping(self) -> dict[str, str]:
        """{column number: target} as chosen."""
        return {
            name.removeprefix("column-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column-")
        }

    def columns(self) -> list[forms.BoundField]:
        """The selects, in the order of the columns."""
        return [self[name] for name in self.fields if name.startswith("column-")]


def target_choices() -> list[Any]:
    """What a column may be, in groups."""
    custom = [
        (FIELD + key, label) for key, label in ContactField.objects.values_list("key", "label")
    ]
    made = [
        (f"{NEW_FIELD}text", _("New field: text")),
        (f"{NEW_FIELD}number", _("New field: number")),
        (f"{NEW_FIELD}date", _("New field: date")),
        (f"{NEW_FIELD}boolean", _("New field: yes or no")),
    ]
    groups: list[Any] = [(SKIP, _("Do not import")), (_("Contact"), list(TARGETS.items()))]
    if custom:
        groups.append((_("Your fields"), custom))
    return [*groups, (_("New field, named like the column"), made)]
