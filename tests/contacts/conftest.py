"""Contacts made the short way."""

from typing import Any

import pytest


@pytest.fixture
def contact(acme: Any, now: Any) -> Any:
    """`contact("ada@example.com", first_name="Ada")`: a contact of Acme."""
    from contacts.models import Contact

    def make(email: str | None, **values: Any) -> Contact:
        values = {"created_at": now, "updated_at": now} | values
        return Contact.objects.create(email=email, **values)

    return make


@pytest.fixture
def events_of(acme: Any) -> Any:
    """`events_of(contact)`: (type, data) of everything in the log about a contact, in order."""
    from events.models import Event

    def read(someone: Any) -> list[tuple[str, dict[str, Any]]]:
        rows = Event.objects.filter(contact_id=getattr(someone, "pk", someone)).order_by("id")
        return list(rows.values_list("type", "data"))

    return read


@pytest.fixture(autouse=True)
def _with_rows(db: None) -> None:
    """Everything here is about rows of Acme."""
