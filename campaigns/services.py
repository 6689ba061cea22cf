"""Templates are written, and each save is frozen as a version that sends can use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.compile import CompiledTemplate, compile_template
from campaigns.drawing import brand_of
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message, Template, TemplateVersion
from contacts.models import Contact
from core.errors import Invalid, Problem
from core.ids import uuid7
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
        created_at=now,
    )
    template.save(update_fields=["live_version"])
    return template


def send_test(*, template: Template, to: str, now: datetime) -> int:
    """Queue the newest version to a contact of the workspace with this address.

    Raises Invalid when no such contact exists: a test shows a real person's data.
    """
    contact = Contact.objects.filter(email=to).first()
    if contact is None or template.live_version_id is None:
        problem = Problem(
            "no_such_contact",
            _("Add this address as a contact first: a test is filled with a real contact's data."),
            field="to",
        )
        raise Invalid(problem.code, problem.message, [problem])
    return queue_messages(
        messages=[
            NewMessage(
                send_key=f"test:{uuid7()}",
                contact_id=contact.pk,
                template_version_id=template.live_version_id,
                lane=Message.Lane.TRANSACTIONAL,
            )
        ],
        now=now,
    )


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
