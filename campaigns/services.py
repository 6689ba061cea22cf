"""Templates are written, and each save is frozen as a version that sends can use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.compile import CompiledTemplate, compile_template
from campaigns.content import content_of
from campaigns.drawing import brand_of
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message, Template, TemplateVersion
from contacts.merging import example_values
from core.errors import Invalid, Problem
from core.ids import uuid7
from core.mailgate import AddressError, clean_address
from tenants import agenda
from tenants.context import current_workspace
from tenants.models import Agenda

# A list of blocks, or {"html": "..."} for a mail written by hand.
Body = list[dict[str, Any]] | dict[str, str]


@dataclass(frozen=True)
class TemplateDraft:
    """What an owner writes."""

    name: str
    subject: str
    body: Body
    preheader: str = ""
    language: str = "en"


def compile_draft(draft: TemplateDraft) -> CompiledTemplate:
    """The mail as it would be sent; raises TemplateError with every problem in words."""
    workspace = current_workspace("A template")
    by_hand = draft.body if isinstance(draft.body, dict) else None
    return compile_template(
        subject=draft.subject,
        preheader=draft.preheader,
        body=None if by_hand else draft.body,  # type: ignore[arg-type]
        html=by_hand["html"] if by_hand else None,
        brand=brand_of(workspace, draft.language),
    )


@transaction.atomic
def save_template(
    *, draft: TemplateDraft, now: datetime, template: Template | None = None, starter: str = ""
) -> Template:
    """Save a mail and freeze it as its newest version; raises TemplateError, nothing saved then.

    Messages already queued keep the version they were queued with.
    """
    compiled = compile_draft(draft)
    if template is None:
        template = Template(starter=starter, created_at=now)
    else:
        template = Template.objects.select_for_update().get(pk=template.pk)
    for name, value in vars(draft).items():
        setattr(template, name, value)
    template.updated_at = now
    template.save()
    newest = template.versions.order_by("-number").values_list("number", flat=True).first()
    template.live_version = TemplateVersion.objects.create(
        template=template,
        number=(newest or 0) + 1,
        subject=draft.subject,
        preheader=draft.preheader,
        body=draft.body,
        compiled=compiled.as_json(),
        content=content_of(draft.subject, draft.body),
        created_at=now,
    )
    template.save(update_fields=["live_version"])
    return template


def send_test(*, template: Template, to: str, contact_id: UUID | None, now: datetime) -> int:
    """Queue the newest version to any address, filled in for a contact or for an invented person.

    What the contact has none of, such as a cart, is invented.

    It goes out as transactional mail. Raises Invalid when `to` is no address, the contact is gone,
    or the template was never saved.
    """
    try:
        address = clean_address(to)
    except AddressError as error:
        raise _invalid(error.code, error.message, "to") from None
    version = template.live_version
    if version is None:
        raise _invalid("not_saved", _("Save the mail first."), "to")
    queued = queue_messages(
        messages=[
            NewMessage(
                send_key=f"test:{uuid7()}",
                contact_id=contact_id,
                template_version_id=version.pk,
                lane=Message.Lane.TRANSACTIONAL,
                context=_example(version, contact_id, now),
                to_address=address,
            )
        ],
        now=now,
    )
    if not queued:
        raise _invalid("no_such_contact", _("This contact is not here any more."), "contact")
    return queued


def _example(version: TemplateVersion, contact_id: UUID | None, now: datetime) -> dict[str, Any]:
    mail = CompiledTemplate.from_json(version.compiled)
    names = mail.names - {"contact"} if contact_id else mail.names
    return example_values(names=names, contact_id=contact_id, language=mail.language, now=now)


def _invalid(code: str, message: str, field: str) -> Invalid:
    return Invalid(code, message, [Problem(code, message, field=field)])


@transaction.atomic
def resolve_doubt(*, message_id: UUID, send_again: bool, now: datetime) -> bool:
    """Settle a message in doubt by hand: send it once more, or count it as sent.

    False when it is not in doubt any more.
    """
    doubtful = Message.objects.filter(pk=message_id, status=Message.Status.IN_DOUBT)
    if not send_again:
        return bool(
            doubtful.update(
                status=Message.Status.ACCEPTED,
                reason="settled_by_hand",
                reason_text=_("Marked as sent by hand."),
                sent_at=now,
            )
        )
    changed = doubtful.update(
        status=Message.Status.QUEUED, reason="", reason_text="", due_at=now, lease_until=None
    )
    if changed:
        agenda.lower(lane=Agenda.Lane.SENDING, due_at=now, now=now)
    return bool(changed)
