"""Credentials at rest: encrypted columns and hashed tokens."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from core.errors import Permanent


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
    )


def _current_cipher() -> MultiFernet:
    return _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def new_token(prefix: str = "", length: int = 32) -> str:
    """A fresh URL-safe random token of `length` bytes, with a readable prefix."""
    return prefix + secrets.token_urlsafe(length)


def token_hash(token: str) -> str:
    """The SHA-256 of a random token in hex: what the database keeps instead of the token.

    A plain hash is enough because the tokens are random and long; nobody chose them.
    """
    return hashlib.sha256(token.encode()).hexdigest()


class EncryptedJSONField(models.BinaryField):
    """A JSON value stored encrypted; an old SECRET_KEY_FALLBACKS key still opens it."""

    # What it takes and gives, for the type checker: not the bytes that are stored.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            return json.loads(_current_cipher().decrypt(bytes(value)))
        except InvalidToken:
            raise Permanent(
                "secret_unreadable",
                "A stored credential cannot be read with the current secret key.",
            ) from None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or isinstance(value, (bytes, memoryview)):
            return value
        return _current_cipher().encrypt(json.dumps(value).encode())

    def to_python(self, value: Any) -> Any:
        return value
