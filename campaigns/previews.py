"""A mail as somebody would see it, without sending it: no clicks, no pixel, no live links."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from campaigns.compile import CompiledTemplate
from campaigns.drawing import INVENTED, contact_values
from campaigns.render import LinkPatterns, Program, Recipient, RenderedMessage
from core.errors import Invalid
from tenants.context import current_workspace

DEAD_LINKS = LinkPatterns(unsubscribe="#", preferences="#", view="#")


@dataclass(frozen=True)
class Preview:
    """Subject, HTML and plain text for one person."""

    subject: str
    html: str
    text: str


def preview(*, compiled: CompiledTemplate, contact_id: UUID | None) -> Preview:
    """The mail for this contact, or for an invented person; raises Invalid when it fails."""
    workspace = current_workspace("A preview")
    known = contact_values([contact_id]).get(contact_id) if contact_id else None
    context: dict[str, Any] = {
        "contact": known or INVENTED,
        "business": {
            "name": workspace.name,
            "address": workspace.postal_address,
            "language": workspace.language,
        },
    }
    [made] = Program(compiled, DEAD_LINKS).render([Recipient(context, "", "")])
    if not isinstance(made, RenderedMessage):
        raise Invalid(made.code, made.message)
    # A link opens beside the preview, not inside it.
    html = made.html.replace("<head>", '<head><base target="_blank">', 1)
    return Preview(made.subject, html, made.text)
