"""Reading mail the local catcher took: its parts, and an HTML body made harmless."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from tenants.models import CaughtMail

# Mails beyond this are shortened on screen; the row keeps all of it.
SHOWN = 500_000
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
# Links open in a new tab: inside the frame they would be shut out by the page's policy.
BASE = '<base target="_blank">'


@dataclass(frozen=True)
class ReadMail:
    """A caught mail taken apart."""

    html: str
    text: str
    headers: list[tuple[str, str]]
    source: str


def mails(*, search: str) -> "QuerySet[CaughtMail]":
    """Caught mails, newest first, to recipients with this in their address."""
    found = CaughtMail.objects.defer("raw").order_by("-received_at", "-pk")
    if not search:
        return found
    return found.annotate(to=Cast("recipients", TextField())).filter(to__icontains=search)


def catch_mail(
    *, sender: str, recipients: list[str], raw: bytes, now: datetime, keep: int = 20_000
) -> CaughtMail:
    """Store a mail as it came; the oldest beyond `keep` go."""
    subject = str(_parsed(raw).get("Subject", ""))
    caught = CaughtMail.objects.create(
        received_at=now,
        sender=_clean(sender)[:320],
        recipients=[_clean(each) for each in recipients],
        subject=_clean(subject)[:1000],
        raw=raw,
    )
    CaughtMail.objects.filter(pk__lte=caught.pk - keep).delete()
    return caught


def read_mail(caught: CaughtMail) -> ReadMail:
    """The parts of a mail; what cannot be decoded is shown as it is."""
    raw = bytes(caught.raw)
    message = _parsed(raw)
    return ReadMail(
        html=_body(message, "html"),
        text=_body(message, "plain"),
        headers=[(name, _clean(str(value))) for name, value in message.items()],
        source=_clean(raw[:SHOWN].decode("utf-8", "replace")),
    )


def framed_html(html: str) -> str:
    """The HTML with links that open in a new tab."""
    if found := HEAD.search(html):
        return html[: found.end()] + BASE + html[found.end() :]
    return BASE + html


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        return _clean(str(part.get_content())[:SHOWN]) if part else ""
    except (LookupError, ValueError, TypeError, AttributeError, KeyError):
        # An unknown charset or a broken structure: the source tab still has all of it.
        return ""


def _clean(text: str) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\x00", "")
