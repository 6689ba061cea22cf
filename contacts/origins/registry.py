"""What an origin tells about its files."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.registry import Registry

# What a status cell may come down to; "bounced" is never written to again.
STATUSES = ("subscribed", "unsubscribed", "none", "bounced")


def plain_tags(cell: str) -> list[str]:
    """Tags split at commas, semicolons or bars."""
    return [part for each in re.split(r"[,;|]", cell) if (part := each.strip())]


def plain_status(cell: str) -> str:
    """A status word of anybody's; "none" for what is not known to allow or forbid anything."""
    word = re.sub(r"[^a-z]+", "_", cell.strip().lower()).strip("_")
    return PLAIN_STATUSES.get(word, "none")


PLAIN_STATUSES = {
    **dict.fromkeys(
        ("subscribed", "active", "yes", "true", "opted_in", "opt_in", "confirmed", "iscritto",
         "attivo", "si"), "subscribed"),
    **dict.fromkeys(
        ("unsubscribed", "opted_out", "opt_out", "disiscritto", "cancellato", "complained", "spam",
         "unsubscribe", "user_suppressed", "inactive"), "unsubscribed"),
    **dict.fromkeys(("cleaned", "bounced", "hard_bounce", "bounce", "invalid"), "bounced"),
}  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """How to read one product's export: its headers, its tags cell, its status words."""

    key: str
    label: str
    # Headers (in lower case) that only this product writes; all of them must be there.
    signature: frozenset[str]
    # Header in lower case -> target of contacts.imports.targets.
    targets: Mapping[str, str]
    tags: Callable[[str], list[str]] = plain_tags
    status: Callable[[str], str] = plain_status


origins: Registry[Origin] = Registry("import origins")


def recognise(headers: Sequence[str]) -> Origin | None:
    """The product these headers come from; None when nobody knows them."""
    lowered = {header.strip().lower() for header in headers}
    for origin in origins:
        if origin.signature <= lowered:
            return origin
    return None
