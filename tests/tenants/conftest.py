"""The public site: a browser on the base domain, outside any workspace."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client


@pytest.fixture(autouse=True)
def _usual_port(settings: Any) -> None:
    """Addresses in these tests are those of a machine with nothing set."""
    settings.PORT = 8000


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hashing slowly proves nothing here; the cast's own passwords still open."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


@pytest.fixture
def public(db: None, acme: Any) -> Iterator[Client]:
    """A browser on the public host."""
    connection.set_schema_to_public()
    yield Client(headers={"host": "localhost"})
    connection.set_schema_to_public()
