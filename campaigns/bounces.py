"""Addresses that a mail server called dead while we spoke to it: never written to again."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from campaigns.smtp import Refused, Verdict
from contacts.consent import suppress
from contacts.models import Suppression

_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
# RFC 3463 and the IANA registry: no such mailbox, host or syntax (5.1.1 to 5.1.3), moved away
# (5.1.6), null MX (5.1.10), mailbox disabled (5.2.1). The rest of 5.1 blames the sender.
_DEAD = frozenset([(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)])
_REPLIES = frozenset([550, 551, 553])
# A bare 550 is also how servers refuse what they take for spam; that says nothing of the address.
_OUR_FAULT = re.compile(
    r"spam|policy|block|blacklist|listed|reputation|spf|dkim|dmarc|relay|sender|denied|virus"
    r"|content|authenticat",
    re.IGNORECASE,
)


def is_dead_address(verdict: Verdict) -> bool:
    """True when a refusal for good says that nobody can be reached at the address."""
    if not isinstance(verdict, Refused) or not verdict.permanent or verdict.code < 500:
        return False
    enhanced = _enhanced(verdict.text)
    if enhanced:
        return enhanced[0] in _DEAD
    return verdict.code in _REPLIES and not _OUR_FAULT.search(verdict.text)


def says_dead(text: str) -> bool:
    """True when a mail server's words begin with an enhanced code for a dead address."""
    found = _enhanced(text)
    return bool(found) and found[0] in _DEAD


def _enhanced(text: str) -> list[tuple[int, int]]:
    return [(int(one), int(two)) for one, two in _ENHANCED.findall(text)]


def note(answered: Sequence[tuple[str, Verdict]], *, now: datetime) -> set[str]:
    """Suppress the dead ones among these addresses; those that were not suppressed before."""
    dead = {
        address: verdict.text
        for address, verdict in answered
        if isinstance(verdict, Refused) and is_dead_address(verdict)
    }
    if not dead:
        return set()
    with transaction.atomic():
        return suppress(
            addresses=list(dead),
            reason=Suppression.Reason.BOUNCED,
            detail="" if len(dead) > 1 else next(iter(dead.values())),
            now=now,
        )
