"""Who walks: somebody there is, or somebody invented who is there for the walk only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.fields import ValueRefused, parse_language, parse_timezone, parse_value
from contacts.forms import CUSTOM, ContactForm
from contacts.models import Contact, ContactField
from contacts.tags import NAME_MAX, add_tags
from core.mailgate import AddressError, clean_address

MOST_TAGS = 20


@dataclass(frozen=True)
class Invented:
    """Somebody made up: the same person for the same journey and address."""

    contact: Contact
    tags: tuple[str, ...] = ()

    def appear(self, now: datetime) -> None:
        """Write them, in a transaction that is undone."""
        self.contact.save(force_insert=True)
        add_tags(pairs=[(self.contact.pk, tag) for tag in self.tags], now=now)


class InventedForm(ContactForm):
    """A person made up for a walk."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MOST_TAGS * (NAME_MAX + 2),
        help_text=gettext_lazy("With commas between them."),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("They agreed to get marketing mail"), required=False, initial=True
    )
    field_order = ["first_name", "last_name", "email", "language", "timezone", "tags", "agreed"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("phone", "external_id"):
            del self.fields[name]
        self.fields["email"].required = True
        self._custom = {each.key: each for each in ContactField.objects.all()}

    def clean_email(self) -> str:
        try:
            address = clean_address(self.cleaned_data["email"]).lower()
        except AddressError as error:
            raise forms.ValidationError(error.message) from None
        if Contact.objects.filter(email=address).exists():
            raise forms.ValidationError(_("There is somebody with this address: choose them."))
        return address

    def clean_language(self) -> str:
        return self._parsed(parse_language, "language")

    def clean_timezone(self) -> str:
        return self._parsed(parse_timezone, "timezone")

    def _parsed(self, parse: Any, name: str) -> str:
        text = self.cleaned_data[name]
        try:
            return str(parse(text)) if text else ""
        except ValueRefused as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean_tags(self) -> tuple[str, ...]:
        names = [" ".join(each.split()) for each in self.cleaned_data["tags"].split(",")]
        found = tuple(dict.fromkeys(name for name in names if name))
        if len(found) > MOST_TAGS or any(len(name) > NAME_MAX for name in found):
            words = {"most": MOST_TAGS, "length": NAME_MAX}
            raise forms.ValidationError(
                _("Give at most %(most)s tags of at most %(length)s characters.") % words
            )
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for key, each in self._custom.items():
            name = CUSTOM + key
            try:
                cleaned[name] = parse_value(each, cleaned.get(name))
            except ValueRefused as refusal:
                self.add_error(name, refusal.message)
        return cleaned

    def invented(self, journey_id: UUID, now: datetime) -> Invented:
        """Whom a valid form describes."""
        values = self.cleaned_data
        custom = {key: values[CUSTOM + key] for key in self._custom}
        contact = Contact(
            pk=uuid5(journey_id, values["email"]),
            fields={key: value for key, value in custom.items() if value is not None},
            email_consent="subscribed" if values["agreed"] else "none",
            created_at=now,
            updated_at=now,
            **{
                name: values[name]
                for name in ("email", "first_name", "last_name", "language", "timezone")
            },
        )
        return Invented(contact, values["tags"])


# Who walks in a workspace that knows nobody yet.
FIRST: Mapping[str, Any] = {
    "first_name": "Ada",
    "last_name": "Rossi",
    "email": "ada@example.com",
    "agreed": "on",
}


def newest() -> Contact | None:
    """The newest contact who may get mail; else the newest."""
    ordered = Contact.objects.order_by("-created_at", "-pk")
    return ordered.mailable().first() or ordered.first()


def next_after(contact: Contact) -> UUID | None:
    """Another contact, all of them in turn; None when there is no other."""
    others = Contact.objects.exclude(pk=contact.pk).order_by("pk")
    found = others.filter(pk__gt=contact.pk).first() or others.first()
    return found.pk if found else None
