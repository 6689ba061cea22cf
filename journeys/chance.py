"""Chance that gives the same answer every time: a hash of who, where and what.

The same in Python and in SQL, so that it does not matter which of them lets somebody in.
"""

from hashlib import sha256

# What a double holds exactly.
BITS = 53


def fraction(*parts: object) -> float:
    """A number in [0, 1), evenly spread, the same for the same parts on any machine and day."""
    text = ":".join(map(str, parts))
    return (int.from_bytes(sha256(text.encode()).digest()[:8]) >> (64 - BITS)) / 2**BITS


def fraction_sql(*parts: str) -> str:
    """SQL: `fraction` of what these expressions give."""
    text = " || ':' || ".join(f"({part})::text" for part in parts)
    digits = f"left(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 16)"
    return f"((('x' || {digits})::bit(64) >> {64 - BITS})::bigint / {2**BITS}::float8)"
