"""`contact` in templates: plain values, never models."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from contacts.contracts import MergeField, Words, by_contact, merge_fields
from contacts.models import Contact, ContactField, ContactTag

COLUMNS = (
    "id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "language",
    "timezone",
    "external_id",
    "fields",
)
# Who a mail is filled in for while there is nobody to choose.
INVENTED: dict[str, Any] = {
    "id": "",
    "email": "ada@example.com",
    "phone": "+39 06 5550 123",
    "first_name": "Ada",
    "last_name": "Rossi",
    "name": "Ada Rossi",
    "language": "en",
    "timezone": "Europe/Rome",
    "external_id": "",
    "fields": {},
    "tags": [],
}


def contact_values(contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, Any]:
    """Contacts as templates see them: their columns and tags, and custom fields beside them."""
    tags = ContactTag.objects.filter(contact=OuterRef("pk")).order_by("tag__name")
    found: dict[UUID, Any] = {}
    rows = Contact.objects.filter(pk__in=contact_ids).values(
        *COLUMNS, tags=ArraySubquery(tags.values("tag__name"))
    )
    for values in rows:
        fields = values.pop("fields")
        pk = values["id"]
        name = f"{values['first_name']} {values['last_name']}".strip()
        found[pk] = {**fields, **values, "id": str(pk), "name": name, "fields": fields}
    return found


def _examples() -> list[tuple[str, Words, str]]:
    own: list[tuple[str, Words, str]] = [
        ("contact.first_name", _("First name"), "Ada"),
        ("contact.last_name", _("Last name"), "Rossi"),
        ("contact.name", _("Whole name"), "Ada Rossi"),
        ("contact.email", _("Email"), "ada@example.com"),
        ("contact.phone", _("Phone"), "+39 06 5550 123"),
        ("contact.language", _("Language"), "en"),
    ]
    custom = ContactField.objects.order_by("label").values_list("key", "label")
    return own + [(f"contact.{key}", label, "") for key, label in custom]


merge_fields.register(
    MergeField(
        "contact",
        _("Contact"),
        by_contact(contact_values),
        _examples,
        sample=lambda: INVENTED,
        # Names and addresses are told as they are today.
        is_kept=False,
    )
)
