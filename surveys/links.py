"""Signed tokens that name an invitation or a review request in the links of a mail."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from django.conf import settings

from tenants.context import current_schema

SIGNATURE_BYTES = 12
LENGTH = 38

Purpose = Literal["survey", "review"]


@lru_cache(maxsize=32)
def _key(secret: str, purpose: Purpose) -> bytes:
    return sha256(b"viaggio.surveys.links:" + purpose.encode() + b":" + secret.encode()).digest()


def _signature(secret: str, purpose: Purpose, raw: bytes) -> bytes:
    message = current_schema("A survey link").encode() + b"\0" + raw
    return hmac.digest(_key(secret, purpose), message, "sha256")[:SIGNATURE_BYTES]


def make_token(purpose: Purpose, row_id: UUID) -> str:
    """38 URL-safe characters; they name nothing in another workspace, nor for another purpose."""
    raw = row_id.bytes
    return _spelled(raw + _signature(settings.SECRET_KEY, purpose, raw))


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_token(purpose: Purpose, token: str) -> UUID | None:
    """The row a token names; None when it is no token of this workspace and purpose.

    Keys in SECRET_KEY_FALLBACKS keep verifying, so links in old mails live on.
    """
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "==")
    except ValueError:
        return None
    # The decoder forgives spare bits and strange characters: another spelling is another token.
    if len(raw) != 16 + SIGNATURE_BYTES or _spelled(raw) != token:
        return None
    payload, given = raw[:16], raw[16:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(given, _signature(secret, purpose, payload)):
            return UUID(bytes=payload)
    return None
