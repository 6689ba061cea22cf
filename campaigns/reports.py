"""Providers' reports in our own words, whoever sent them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType

from campaigns.feedback import Call, Feedback
from events.isolation import in_words

TEXT_LIMIT = 300
# How far ahead of ours a provider's clock may be.
AHEAD = timedelta(hours=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
KINDS = {
    EventType.QUEUED: "accepted",
    EventType.SENT: "accepted",
    EventType.DEFERRED: "accepted",
    EventType.DELIVERED: "delivered",
    EventType.COMPLAINED: "complained",
    EventType.UNSUBSCRIBED: "unsubscribed",
    EventType.OPENED: "opened",
    EventType.CLICKED: "clicked",
    EventType.REJECTED: "rejected",
    EventType.FAILED: "rejected",
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Report:
    """One thing a provider says of one message."""

    delivery_id: UUID
    account_id: UUID
    # accepted, delivered, hard_bounce, soft_bounce, rejected, complained, unsubscribed, opened,
    # clicked
    kind: str
    at: datetime
    # The same however often the report is sent, and for no other.
    key: str
    send_id: UUID | None
    provider_id: str
    recipient: str = ""
    text: str = ""
    url: str = ""
    user_agent: str = ""
    # The address is dead, or nobody asked for the page: as the provider sees it.
    is_dead: bool = False
    is_machine: bool = False


@dataclass(frozen=True)
class Readable:
    """A stored call with all that reading it needs."""

    delivery_id: UUID
    account_id: UUID
    feedback: Feedback
    call: Call


def read_call(source: Readable) -> tuple[list[Report], list[str]]:
    """The reports in a call that concern us, and what was wrong with those that could not be read.

    One that cannot be read sinks only itself.
    """
    try:
        return _reports(source, source.feedback.events(source.call)), []
    except Exception as error:
        parts = _parts(source)
        if len(parts) < 2:
            return [], [in_words(error)]
    found: list[Report] = []
    wrong: list[str] = []
    for part in parts:
        try:
            found += _reports(source, source.feedback.events(source.call, part))
        except Exception as error:
            wrong.append(in_words(error))
    return found, wrong


def _parts(source: Readable) -> Sequence[bytes]:
    try:
        return source.feedback.parts(source.call)
    except Exception:
        return []


def _reports(source: Readable, events: Sequence[AnymailTrackingEvent]) -> list[Report]:
    found = [(kind, event) for event in events if (kind := _kind(source.feedback, event))]
    return [_report(source, kind, event) for kind, event in found]


def _kind(feedback: Feedback, event: AnymailTrackingEvent) -> str:
    """The report's kind; "" for what says nothing of a message."""
    told = feedback.event_type(event)
    if told == EventType.BOUNCED:
        return "hard_bounce" if feedback.is_hard(event) else "soft_bounce"
    return KINDS.get(told, "")


def _report(source: Readable, kind: str, event: AnymailTrackingEvent) -> Report:
    feedback, url = source.feedback, clean(event.click_url, 2000)
    at = _moment(event.timestamp, source.call.at)
    send_id, provider_id = feedback.send_id(event), clean(event.message_id, 255)
    recipient = clean(event.recipient, 254).lower()
    own_id = feedback.event_id(event)
    identity = [own_id] if own_id else [at.isoformat(), url, clean(event.user_agent, 300)]
    named = (str(source.account_id), kind, str(send_id or provider_id), recipient, *identity)
    return Report(
        delivery_id=source.delivery_id,
        account_id=source.account_id,
        kind=kind,
        at=at,
        key=f"{kind}:{sha256(chr(0).join(named).encode()).hexdigest()}",
        send_id=send_id,
        provider_id=provider_id,
        recipient=recipient,
        text=_text(event),
        url=url,
        user_agent=clean(event.user_agent, 300),
        is_dead=kind == "hard_bounce" or (kind == "rejected" and feedback.is_hard(event)),
        is_machine=feedback.is_machine(event),
    )


def _text(event: AnymailTrackingEvent) -> str:
    """What the mail server said, else what the provider says."""
    told = [clean(each, TEXT_LIMIT) for each in (event.mta_response, event.description)]
    return next((text for text in told if text), "")


def _moment(stated: Any, received_at: datetime) -> datetime:
    """When it happened; when it was told, if the provider's clock cannot be right."""
    if not isinstance(stated, datetime):
        return received_at
    at = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return at if EARLIEST <= at <= received_at + AHEAD else received_at


def clean(value: Any, limit: int) -> str:
    """A stranger's text on one line, without control characters, cut to length."""
    text = str(value or "")
    if not text.isprintable():
        text = CONTROL.sub(" ", text)
    return " ".join(text.split())[:limit]
