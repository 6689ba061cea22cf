"""What the tests of forms share: Acme's first form, and a browser that fills it in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from capture.models import SignupForm
from capture.page_tokens import issue_page_token


@pytest.fixture(autouse=True)
def _noon(now: datetime) -> Any:
    """Every page of these tests is asked for at noon."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def newsletter(acme: Any) -> SignupForm:
    """The form Acme was born with; it asks people to confirm."""
    return SignupForm.objects.select_related("wording").get(slug="newsletter")


@pytest.fixture
def visitor(acme: Any, client_of: Any) -> Client:
    """Somebody's browser on Acme's host, not signed in, CSRF checked."""
    client = client_of(acme)
    client.handler.enforce_csrf_checks = True
    return client


@pytest.fixture
def fill_in(visitor: Client, now: datetime) -> Callable[..., Any]:
    """`fill_in(form, email=..., **fields)`: send a form as the page it came from would."""

    def send(form: SignupForm, /, *, headers: dict[str, str] | None = None, **typed: str) -> Any:
        token = issue_page_token(page=str(form.pk), wording_id=form.wording_id, now=now)
        data = {"page_token": token, "consent": "on", **typed}
        return visitor.post(f"/f/{form.slug}/", data, headers=headers)

    return send
