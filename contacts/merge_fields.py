"""`contact` in templates: plain values, never models."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contacts.contracts import MergeField, Words, merge_fields
from contacts.models import Contact, ContactField
from contacts.tags import tags_of

PLAIN = ("email", "first_name", "last_name", "phone", "language", "timezone", "external_id")


def contact_values(contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, Any]:
    """{email, first_name, last_name, name, phone, language, timezone, external_id, tags,
    fields: {key: value}} for each contact; two queries for any number."""
    tags = tags_of(contact_ids)
    return {
        contact.pk: {
            **{name: getattr(contact, name) or "" for name in PLAIN},
            "name": f"{contact.first_name} {contact.last_name}".strip(),
            "fields": contact.fields,
            "tags": tags.get(contact.pk, []),
        }
        for contact in Contact.objects.filter(pk__in=contact_ids)
    }


def _examples() -> list[tuple[str, Words, str]]:
    own: list[tuple[str, Words, str]] = [
        ("contact.first_name", _("First name"), "Ada"),
        ("contact.last_name", _("Last name"), "Lovelace"),
        ("contact.email", _("Email"), "ada@example.com"),
        ("contact.phone", _("Phone"), "+39061234567"),
    ]
    custom = ContactField.objects.values_list("key", "label")
    return own + [(f"contact.fields.{key}", label, label) for key, label in custom]


merge_fields.register(MergeField("contact", _("Contact"), contact_values, _examples))
