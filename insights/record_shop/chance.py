"""Chance that falls the same way at every run."""

from hashlib import sha256


def fraction(*of: object) -> float:
    """From 0 up to 1, by a hash of what it is about."""
    digest = sha256(":".join(map(str, of)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def whole(below: int, *of: object) -> int:
    """A whole number from 0 up to `below`."""
    return int(fraction(*of) * below)
