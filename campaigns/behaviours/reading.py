"""What opening and clicking have in common: which mails, and who it looks like."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Message
from campaigns.tracking import Fetch, find_message
from journeys.contracts import RehearsedMessage, Standpoint

# Of the mails they have, so many of the newest are offered.
NEWEST = 3
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


def fetch(at: datetime) -> Fetch:
    """A request as a person's browser makes it."""
    return Fetch("GET", BROWSER, at)


def readable(at: Standpoint) -> list[tuple[int, RehearsedMessage]]:
    """The mails they have, newest first, each with its number among all."""
    sent = [(number, each) for number, each in enumerate(at.messages) if each.sent_at]
    return sent[::-1][:NEWEST]


def chosen(at: Standpoint, number: str) -> Message | None:
    """The mail of that number; None when they have no such mail."""
    if not (number.isdigit() and int(number) < len(at.messages)):
        return None
    message = at.messages[int(number)]
    return find_message(message.id) if message.sent_at else None


def unopened(messages: Sequence[tuple[int, RehearsedMessage]]) -> set[object]:
    """The ids of those that were not opened yet."""
    ids = [each.id for _number, each in messages]
    found = Message.objects.filter(pk__in=ids, opened_at__isnull=True)
    return set(found.values_list("pk", flat=True))
