"""What a recipient's mail is filled with: plain data, loaded once for a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import reverse

from campaigns.claims import Claimed
from campaigns.compile import CompiledTemplate
from campaigns.contracts import Brand
from campaigns.mime import Skeleton
from campaigns.models import TemplateVersion
from campaigns.render import LinkPatterns, Program, Recipient
from campaigns.tokens import make_message_token
from contacts.contracts import MergeRequest
from contacts.links import make_contact_token
from contacts.merging import kept_values, merge_values
from core.mailgate import check_message
from tenants.hosts import workspace_origin
from tenants.models import Workspace

TOKEN = "token-goes-here"  # noqa: S105 - a placeholder in addresses, replaced by {token}


def brand_of(workspace: Workspace, language: str = "") -> Brand:
    """How the workspace looks and who it is, in every mail it sends."""
    return Brand(
        name=workspace.name,
        address=workspace.postal_address,
        colour=workspace.brand_colour,
        language=language or workspace.language,
    )


def link_patterns(workspace: Workspace) -> LinkPatterns:
    """Where links in this workspace's mails lead, with `{token}` and `{index}` to be filled in."""
    origin = workspace_origin(workspace)

    def pattern(name: str, token: str, *more: object) -> str:
        path = reverse(name, urlconf="config.urls", args=[TOKEN, *more])
        return origin + path.replace(TOKEN, token)

    return LinkPatterns(
        unsubscribe=pattern("capture:unsubscribe", "{consent}"),
        preferences=pattern("capture:preferences", "{consent}"),
        view=pattern("campaigns:view", "{token}"),
        click=pattern("campaigns:click", "{token}", 987654321).replace("987654321", "{index}"),
        open=pattern("campaigns:open", "{token}"),
    )


@lru_cache(maxsize=256)
def _program(version_id: UUID, patterns: LinkPatterns) -> Program:
    compiled = TemplateVersion.objects.values_list("compiled", flat=True).get(pk=version_id)
    return Program(CompiledTemplate.from_json(compiled), patterns)


@lru_cache(maxsize=256)
def _skeleton(program: Program, name: str, address: str, feedback_id: str) -> Skeleton:
    return Skeleton(
        program,
        sender_name=name,
        sender_address=address,
        feedback_id=feedback_id,
        message_domain=address.rsplit("@", 1)[1],
    )


class Studio:
    """Everything needed to draw one workspace's mails, kept for the length of a drain."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.patterns = link_patterns(workspace)
        self.sender_name, self.sender_address = sender_of(workspace)
        self.business = {
            "name": workspace.name,
            "address": workspace.postal_address,
            "language": workspace.language,
        }

    @property
    def sender(self) -> str:
        """The From line as one text."""
        return f"{self.sender_name} <{self.sender_address}>"

    def program(self, version_id: UUID) -> Program:
        """The compiled template with this workspace's links laid out."""
        return _program(version_id, self.patterns)

    def skeleton(self, version_id: UUID, feedback_id: str) -> Skeleton:
        """The MIME frame of a template version, as this workspace sends it."""
        return _skeleton(
            self.program(version_id), self.sender_name, self.sender_address, feedback_id
        )

    def recipients(self, rows: Sequence[Claimed], *, now: datetime) -> list[Recipient]:
        """What each row's mail is filled with; all are of one template version.

        Only what the template names is looked up, and not what the rows bring themselves.
        """
        mail = self.program(rows[0].template_version_id).compiled
        brought = [_brought(row) for row in rows]
        missing = {name for name in mail.names for values in brought if name not in values}
        found = merge_values(
            requests=[_request(row, mail.language) for row in rows], names=missing, now=now
        )
        return [self._recipient(*each) for each in zip(rows, brought, found, strict=True)]

    def _recipient(
        self, row: Claimed, brought: Mapping[str, Any], found: Mapping[str, Any]
    ) -> Recipient:
        looked_up = {name: value for name, value in found.items() if name not in brought}
        context = {name: value for name, value in looked_up.items() if value is not None}
        return Recipient(
            context={"contact": {}, **context, **brought, "business": self.business},
            token=make_message_token(row.id, self.workspace.schema_name),
            consent=make_contact_token(row.contact_id, row.id) if row.contact_id else "",
            kept={**row.drawn, **kept_values(looked_up)},
        )


def _request(row: Claimed, language: str) -> MergeRequest:
    return MergeRequest(
        row.contact_id, row.enrolment_id, row.journey_id, row.context, language=language
    )


def _brought(row: Claimed) -> dict[str, Any]:
    """What goes before anything looked up: the message's own values, and those it kept.

    A contact is told as today; only a test without one brings the person it was made up for.
    """
    values = {**row.context, **row.drawn}
    if row.contact_id:
        values.pop("contact", None)
    return values


def sender_of(workspace: Workspace) -> tuple[str, str]:
    """Name and address a workspace sends from; until it has its own address, the installation's.

    Raises core.mailgate.MessageRefused when they could not stand in a header.
    """
    from email.utils import parseaddr

    from django.conf import settings

    name = workspace.sender_name or workspace.name
    address = workspace.sender_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    check_message(to=address, sender=f"{name} <{address}>", reply_to=None, subject="-", headers={})
    return name, address
