"""What a contact decides about the mail they get, by the personal links in it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from capture.defaults import DEFAULT_WORDING
from capture.services.people import change_profile
from contacts.consent import record_consent
from contacts.models import ConsentEntry, ConsentWording, Contact


@dataclass(frozen=True)
class Preferences:
    """What the preference page asks."""

    first_name: str
    language: str
    subscribed: bool


def preference_wording(language: str) -> ConsentWording | None:
    """The newest general wording in this language, else in any; None when all were removed."""
    wordings = ConsentWording.objects.filter(key=DEFAULT_WORDING).order_by("-number")
    return wordings.filter(language=language).first() or wordings.first()


def unsubscribe(
    *, contact_id: UUID, source: str, message_id: UUID | None, ip: str | None, now: datetime
) -> bool:
    """Withdraw the consent; False when it was withdrawn before, or nobody is there any more."""
    with transaction.atomic():
        changed = record_consent(
            contact_ids=[contact_id],
            action=ConsentEntry.Action.UNSUBSCRIBED,
            source=source,
            ip=ip,
            data=_of_message(message_id),
            now=now,
        )
    return bool(changed)


@transaction.atomic
def save_preferences(
    *,
    contact_id: UUID,
    wanted: Preferences,
    wording: ConsentWording | None,
    message_id: UUID | None,
    ip: str | None,
    now: datetime,
) -> None:
    """Write what the contact chose; what stays the same leaves no trace."""
    change_profile(
        contact_id=contact_id, first_name=wanted.first_name, language=wanted.language, now=now
    )
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    was_subscribed = contact.email_consent == Contact.Consent.SUBSCRIBED
    if wanted.subscribed == was_subscribed:
        return
    if not wanted.subscribed:
        unsubscribe(
            contact_id=contact_id, source="preferences", message_id=message_id, ip=ip, now=now
        )
        return
    record_consent(
        contact_ids=[contact_id],
        action=ConsentEntry.Action.SUBSCRIBED,
        source="preferences",
        wording=wording,
        ip=ip,
        data=_of_message(message_id),
        now=now,
    )


def _of_message(message_id: UUID | None) -> dict[str, str]:
    return {"message_id": str(message_id)} if message_id else {}
