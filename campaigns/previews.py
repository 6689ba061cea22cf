"""A mail as somebody would see it, without sending it: no clicks, no pixel, no live links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.compile import CompiledTemplate
from campaigns.render import LinkPatterns, Program, Recipient, RenderedMessage
from contacts.merging import example_values
from core.errors import Invalid
from tenants.context import current_workspace

DEAD_LINKS = LinkPatterns(unsubscribe="#", preferences="#", view="#")


@dataclass(frozen=True)
class Preview:
    """Subject, HTML and plain text for one person."""

    subject: str
    html: str
    text: str


def preview(*, compiled: CompiledTemplate, contact_id: UUID | None, now: datetime) -> Preview:
    """The mail for this contact, or for an invented person; raises Invalid when it fails."""
    workspace = current_workspace("A preview")
    context: dict[str, Any] = {
        **example_values(
            names=compiled.names, contact_id=contact_id, language=compiled.language, now=now
        ),
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
