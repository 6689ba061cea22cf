"""Drawing a rehearsed mail: as its reader would get it, but that nothing in it leads to us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.claims import Claimed
from campaigns.compile import CompiledTemplate
from campaigns.drawing import Studio
from campaigns.gaps import gaps
from campaigns.models import Message
from campaigns.previews import DEAD_LINKS
from campaigns.render import LinkPatterns, Program, Recipient, RenderedMessage
from campaigns.sandbox import RenderFailure
from core.mailgate import MessageRefused
from journeys.contracts import DrawnMail
from tenants.models import Workspace


@dataclass(frozen=True)
class Drawing:
    """A mail to be looked at, the destinations only this reader has, and what it keeps."""

    mail: DrawnMail
    destinations: tuple[str, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)


def draw(row: Message, workspace: Workspace, *, now: datetime) -> Drawing | tuple[str, str]:
    """The mail of this row as of now; or the code and sentence of why it cannot be drawn."""
    try:
        studio = Studio(workspace)
        [recipient] = studio.recipients([_claimed(row)], now=now)
    except MessageRefused as refusal:
        return "bad_sender", refusal.message
    compiled = CompiledTemplate.from_json(row.template_version.compiled)
    made = _made(compiled, DEAD_LINKS, recipient)
    # Once more as if it left, for the links that are counted and filled in for one reader.
    counted = _made(compiled, studio.patterns, recipient)
    if isinstance(made, RenderFailure):
        return made.code, made.message
    destinations = counted.destinations if isinstance(counted, RenderedMessage) else ()
    mail = DrawnMail(
        subject=made.subject,
        # A link opens beside the mail, not inside it.
        html=made.html.replace("<head>", '<head><base target="_blank">', 1),
        text=made.text,
        gaps=tuple(gaps(compiled, recipient.context)),
        links=(*compiled.links, *destinations),
    )
    return Drawing(mail, destinations, recipient.kept)


def _made(
    compiled: CompiledTemplate, links: LinkPatterns, recipient: Recipient
) -> RenderedMessage | RenderFailure:
    return Program(compiled, links).render([recipient])[0]


def _claimed(row: Message) -> Claimed:
    return Claimed(
        id=row.pk,
        fence=row.fence,
        lane=row.lane,
        contact_id=row.contact_id,
        to_address=row.to_address,
        template_version_id=row.template_version_id,
        account_id=None,
        journey_id=row.journey_id,
        campaign_id=None,
        context=row.context,
        attempts=0,
        enrolment_id=row.enrolment_id,
    )
