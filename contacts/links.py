"""Signed, never expiring tokens that name a contact in preference and unsubscribe links."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from tenants.context import current_schema

SIGNATURE_BYTES = 12
LENGTHS = (16 + SIGNATURE_BYTES, 32 + SIGNATURE_BYTES)


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    return sha256(b"viaggio.contacts.links:" + secret.encode()).digest()


def _signature(secret: str, schema: str, payload: bytes) -> bytes:
    message = schema.encode() + b"\0" + payload
    return hmac.digest(_key(secret), message, "sha256")[:SIGNATURE_BYTES]


def make_contact_token(contact_id: UUID, message_id: UUID | None = None) -> str:
    """A token of 38 characters, 59 with a message; it names nobody in another workspace."""
    payload = contact_id.bytes + (message_id.bytes if message_id else b"")
    signature = _signature(settings.SECRET_KEY, current_schema("A contact link"), payload)
    return _spelled(payload + signature)


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_contact_token(token: str) -> tuple[UUID, UUID | None] | None:
    """(contact id, message id or None); None when it is not a token of this workspace.

    Keys in SECRET_KEY_FALLBACKS keep verifying, so links in old mails live on.
    """
    if not token.isascii() or len(token) > 70:
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    # The decoder forgives spare bits and strange characters: another spelling is another token.
    if len(raw) not in LENGTHS or _spelled(raw) != token:
        return None
    payload, given = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    schema = current_schema("A contact link")
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(given, _signature(secret, schema, payload)):
            message = UUID(bytes=payload[16:]) if len(payload) == 32 else None
            return UUID(bytes=payload[:16]), message
    return None
