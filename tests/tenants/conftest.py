"""The public site: a browser on the base domain, outside any workspace."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client


@pytest.fixture
def public(db: None, acme: Any) -> Iterator[Client]:
    """A browser on the public host."""
    connection.set_schema_to_public()
    yield Client(headers={"host": "localhost"})
    connection.set_schema_to_public()
