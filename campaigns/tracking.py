"""Opens and clicks: where a link leads comes from the row, and who fetched it is told apart.

A GET changes no consent and no score. Security scanners and mail programs that fetch everything
by themselves are recorded and flagged; no rule and no headline counts them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from campaigns.models import Message
from events.services import record

# Scanners that name themselves, link previews, and libraries.
MACHINES = re.compile(
    r"bot\b|crawl|spider|scan|preview|monitor|proofpoint|barracuda|mimecast|safelinks|trendmicro"
    r"|symantec|fireeye|sophos|forcepoint|headless|python|curl|wget|java/|go-http|okhttp|libwww",
    re.IGNORECASE,
)
# What Apple's privacy proxy calls itself when it fetches every image of every mail.
PRIVACY_PROXY = "Mozilla/5.0"
# Gateways fetch all links of a mail as it comes in; nobody reads that fast.
TOO_FAST = timedelta(seconds=2)


@dataclass(frozen=True)
class Fetch:
    """One request for a link or the pixel, as far as it tells who asked."""

    method: str
    user_agent: str
    at: datetime


def is_machine(fetch: Fetch, sent_at: datetime | None) -> bool:
    """True when no person can have asked, or nothing says that one did."""
    agent = fetch.user_agent.strip()
    if fetch.method != "GET" or not agent or agent == PRIVACY_PROXY or MACHINES.search(agent):
        return True
    return sent_at is not None and fetch.at - sent_at < TOO_FAST


def find_message(message_id: UUID, *, with_links: bool = True) -> Message | None:
    """The message with its template version, links and all; None when there is none here."""
    found = Message.objects.select_related("template_version").filter(pk=message_id)
    if not with_links:
        found = found.only("contact_id", "sent_at", "template_version__subject")
    return found.first()


def destination(message: Message, index: int) -> str | None:
    """Where link number `index` of this message leads; None when it has no such link."""
    links = [*message.template_version.compiled["links"], *message.destinations]
    return links[index] if 0 <= index < len(links) else None


def note_open(*, message: Message, fetch: Fetch) -> bool:
    """Record the first open by a person and the first by a machine; False when known already."""
    return _note(
        message, "message.opened", "", fetch, {"subject": message.template_version.subject}
    )


def note_click(*, message: Message, index: int, url: str, fetch: Fetch) -> bool:
    """Record a click: of people once a link and day (UTC), of machines once a link.

    False when it is known. A click days later counts anew: an order is credited to the last one.
    """
    return _note(message, "message.clicked", f":{index}", fetch, {"url": url, "link": index})


def _note(
    message: Message, kind: str, suffix: str, fetch: Fetch, data: Mapping[str, object]
) -> bool:
    if message.contact_id is None:
        return False
    machine = is_machine(fetch, message.sent_at)
    who = "machine" if machine else "person"
    day = f":{fetch.at:%Y%m%d}" if kind == "message.clicked" and not machine else ""
    with transaction.atomic():
        return record(
            type=kind,
            contact_id=message.contact_id,
            data={"message_id": str(message.pk), "machine": machine, **data},
            message_id=f"{kind}:{who}:{message.pk}{suffix}{day}",
            source="tracking",
            now=fetch.at,
        )
