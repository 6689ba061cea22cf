"""How contacts look in the API, and reading what is offered as one."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from contacts.models import ConsentEntry, ConsentWording, Contact, ContactField, Tag
from contacts.rows import IDENTIFIER_MAX, ContactRow
from contacts.tags import NAME_MAX
from core.api.bulk import MAX_ITEMS, item_problems
from core.api.fields import StrictSerializer
from core.errors import Problem

TEXTS = (*IDENTIFIER_MAX, "first_name", "last_name", "language", "timezone")
TAGS_MAX = 100


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A person the business knows."""

    id = serializers.UUIDField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField()
    external_id = serializers.CharField(allow_null=True, help_text="Your own id of the person.")
    fields = serializers.DictField(help_text="Custom fields by key.")  # type: ignore[assignment]
    tags = serializers.SerializerMethodField(help_text="Tag names in alphabetical order.")
    email_consent = serializers.ChoiceField(
        Contact.Consent.values, help_text="What the consent ledger adds up to."
    )

    class Meta:
        model = Contact
        fields = [
            "id",
            "email",
            "phone",
            "external_id",
            "first_name",
            "last_name",
            "language",
            "timezone",
            "fields",
            "tags",
            "email_consent",
            "source",
            "created_at",
            "updated_at",
            "last_seen_at",
        ]
        read_only_fields = fields

    def get_tags(self, contact: Contact) -> list[str]:
        """Their names; the view has fetched them for the whole page."""
        return sorted(pair.tag.name for pair in contact.contact_tags.all())


class ContactChangesSerializer(StrictSerializer):
    """What may be changed of a contact; null or an empty text clears."""

    email = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    external_id = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    first_name = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    last_name = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    language = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="A code such as `en` or `it`."
    )
    timezone = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="A name like `Europe/Rome`."
    )
    fields = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Custom fields by key; the others stay as they are."
    )


class NewContactSerializer(StrictSerializer):
    """A contact to create or update: name the person by email, external_id or phone.

    What is left out or null stays as it is; an empty text clears. Consent is recorded elsewhere.
    """

    email = serializers.EmailField(required=False, allow_null=True)
    external_id = serializers.CharField(
        required=False, allow_null=True, max_length=IDENTIFIER_MAX["external_id"]
    )
    phone = serializers.CharField(
        required=False, allow_null=True, max_length=IDENTIFIER_MAX["phone"]
    )
    anonymous_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=IDENTIFIER_MAX["anonymous_id"],
        help_text="A browser's id: its visits become this contact's.",
    )
    first_name = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    last_name = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    language = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    timezone = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    fields = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Custom fields by key; an unknown key is refused."
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX),
        required=False,
        max_length=TAGS_MAX,
        help_text="Added to those the contact has.",
    )


class ContactBatchSerializer(StrictSerializer):
    """Contacts to create or update."""

    contacts = NewContactSerializer(many=True)


def read_row(item: Any) -> ContactRow | list[Problem]:
    """One offered contact, its values still to be checked by the service; or what is wrong."""
    if problems := item_problems(item):
        return problems
    known = {*TEXTS, "fields", "tags"}
    problems = [
        Problem("unknown_field", _("There is no such field here."), name)
        for name in sorted(item.keys() - known)
    ]
    texts = {name: _text(name, item.get(name), problems) for name in TEXTS}
    custom = item.get("fields") or {}
    if not isinstance(custom, dict):
        problems.append(Problem("invalid", _("This must be an object."), "fields"))
    tags = item.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        problems.append(Problem("invalid", _("This must be a list of texts."), "tags"))
    elif len(tags) > TAGS_MAX:
        problems.append(Problem("too_many_items", _("These are too many tags."), "tags"))
    return problems or ContactRow(**texts, fields=custom, tags=tuple(tags))


def _text(name: str, value: Any, problems: list[Problem]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    problems.append(Problem("bad_text", _("This must be a text."), name))
    return None


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A label on contacts."""

    contacts = serializers.IntegerField(help_text="How many contacts carry it.")

    class Meta:
        model = Tag
        fields = ["name", "contacts", "created_at"]
        read_only_fields = fields


class TagNamesSerializer(StrictSerializer):
    """Tags to add; new names become new tags."""

    names = serializers.ListField(
        child=serializers.CharField(max_length=NAME_MAX), min_length=1, max_length=TAGS_MAX
    )


class TagBatchSerializer(StrictSerializer):
    """One tag, to be put on or taken off many contacts."""

    name = serializers.CharField(max_length=NAME_MAX)
    action = serializers.ChoiceField(["add", "remove"])
    contact_ids = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=MAX_ITEMS
    )


class ContactTagsSerializer(serializers.Serializer[Any]):
    """The tags a contact now has."""

    tags = serializers.ListField(child=serializers.CharField())


class WordingSerializer(serializers.ModelSerializer[ConsentWording]):
    """The sentence the person agreed to, in the version they saw."""

    class Meta:
        model = ConsentWording
        fields = ["key", "number", "language", "text"]
        read_only_fields = fields


class ConsentSerializer(serializers.ModelSerializer[ConsentEntry]):
    """One line of the ledger; it is never changed."""

    id = serializers.IntegerField()
    action = serializers.ChoiceField(ConsentEntry.Action.values)
    source = serializers.CharField(help_text="The door it came by: `api`, `form`, `one_click`, …")  # type: ignore[assignment]
    detail = serializers.CharField(help_text="For `api`: the `source` you sent.")
    wording = WordingSerializer(allow_null=True)
    ip = serializers.CharField(allow_null=True)

    class Meta:
        model = ConsentEntry
        fields = [
            "id",
            "channel",
            "action",
            "source",
            "detail",
            "wording",
            "ip",
            "occurred_at",
            "recorded_at",
        ]
        read_only_fields = fields


class WordingVersionSerializer(StrictSerializer):
    """A wording already known to Viaggio."""

    key = serializers.CharField(max_length=60)
    number = serializers.IntegerField(min_value=1, max_value=2_000_000_000)
    language = serializers.CharField(max_length=8)


class NewConsentSerializer(StrictSerializer):
    """What a person decided. To subscribe, say where and to which words they agreed."""

    action = serializers.ChoiceField(["subscribed", "unsubscribed"])
    channel = serializers.ChoiceField(["email"], required=False)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=300, help_text="Where: “checkout of shop.example”."
    )
    wording = serializers.CharField(
        required=False, max_length=2000, help_text="The sentence they agreed to, in full."
    )
    wording_version = WordingVersionSerializer(required=False)
    language = serializers.CharField(
        required=False, max_length=8, help_text="Of `wording`; `en` when left out."
    )
    ip = serializers.IPAddressField(required=False, help_text="Theirs, not your server's.")
    occurred_at = serializers.DateTimeField(required=False, help_text="Now, when left out.")


class CustomFieldSerializer(serializers.ModelSerializer[ContactField]):
    """The definition of a custom field."""

    type = serializers.ChoiceField(ContactField.Type.values)
    choices = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ContactField
        fields = ["key", "label", "type", "choices", "created_at"]
        read_only_fields = fields


class NewCustomFieldSerializer(StrictSerializer):
    """A custom field to create."""

    key = serializers.RegexField(
        r"^[a-z][a-z0-9_]{0,39}$", help_text="Its name in the API; it never changes."
    )
    label = serializers.CharField(max_length=60)  # type: ignore[assignment]
    type = serializers.ChoiceField(ContactField.Type.values)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=200,
        help_text="For the type `choice` only, and needed there.",
    )
