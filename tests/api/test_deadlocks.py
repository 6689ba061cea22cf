"""A call whose transaction lost a deadlock is done once more before anybody hears of it."""

from typing import Any

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from contacts.api import people
from contacts.models import Contact


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`losing(2)`: the next two calls that write contacts lose."""

    def make(times: int, cause: Exception) -> list[int]:
        left, write = [times], people.upsert_contacts

        def upsert(**given: Any) -> Any:
            if left[0]:
                left[0] -= 1
                raise OperationalError("deadlock detected") from cause
            return write(**given)

        monkeypatch.setattr(people, "upsert_contacts", upsert)
        return left

    return make


def test_it_is_done_again(api: Any, losing: Any):
    losing(2, DeadlockDetected("deadlock detected"))
    answer = api.post("/contacts", {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert Contact.objects.count() == 1


def test_not_for_ever(api: Any, losing: Any):
    left = losing(9, DeadlockDetected("deadlock detected"))
    answer = api.post("/contacts", {"email": "ada@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert left == [5]
    assert Contact.objects.count() == 0


def test_other_failures_are_told_at_once(api: Any, losing: Any):
    left = losing(9, RuntimeError("gone"))
    assert api.post("/contacts", {"email": "ada@example.com"}).status_code == 503
    assert left == [8]
