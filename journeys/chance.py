"""Chance that gives the same answer every time: a hash of who, where and what."""

from hashlib import blake2b


def fraction(*parts: object) -> float:
    """A number in [0, 1), evenly spread, the same for the same parts on any machine and day."""
    text = ":".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64
