"""Message tokens: short, unguessable, bound to their workspace, and made once a message."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from uuid import UUID

from django.conf import settings

from tenants.context import current_schema

MAC_BYTES = 9


@lru_cache(maxsize=64)
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"viaggio-message").digest()


def _mac(raw: bytes, schema: str, secret: str) -> bytes:
    return blake2b(raw + schema.encode(), key=_key(secret), digest_size=MAC_BYTES).digest()


def make_message_token(message_id: UUID, schema: str = "") -> str:
    """The token that names a message in its links: 34 URL-safe characters."""
    raw = message_id.bytes
    mac = _mac(raw, schema or current_schema("A message token"), settings.SECRET_KEY)
    return _spelled(raw) + urlsafe_b64encode(mac).decode()


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()[:22]


def read_message_token(token: str) -> UUID | None:
    """The message a token names; None when it was altered or made for another workspace.

    Keys that were rotated out still open their old tokens.
    """
    try:
        raw = urlsafe_b64decode(token[:22] + "==")
        mac = urlsafe_b64decode(token[22:])
    except ValueError:
        return None
    # The last character of an id holds spare bits: another spelling of it is another token.
    if len(raw) != 16 or len(token) != 34 or _spelled(raw) != token[:22]:
        return None
    schema = current_schema("A message token")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if any(compare_digest(mac, _mac(raw, schema, secret)) for secret in secrets):
        return UUID(bytes=raw)
    return None
