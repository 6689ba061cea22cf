"""What the tests of surveys share: Ada, what she is asked, and a browser that answers."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from PIL import Image

from contacts.models import Contact
from core.ids import uuid7
from surveys.links import make_token
from surveys.models import Invitation, Question, ReviewRequest, Survey


@pytest.fixture(autouse=True)
def _noon(now: datetime) -> Any:
    """Every page of these tests is asked for at noon."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    """Photos of a test are gone with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ada(acme: Any) -> Contact:
    return Contact.objects.create(
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        email_consent="subscribed",
    )


@pytest.fixture
def bob(acme: Any) -> Contact:
    return Contact.objects.create(email="bob@example.com", first_name="Bob")


@pytest.fixture
def satisfaction(acme: Any) -> Survey:
    """The survey on orders that Acme was born with: 1 to 5, and words if wanted."""
    return Survey.objects.get(key="satisfaction")


@pytest.fixture
def interests(acme: Any) -> Survey:
    """The survey whose answers become tags."""
    return Survey.objects.get(key="interests")


@pytest.fixture
def asked(now: datetime) -> Callable[..., Invitation]:
    """`asked(survey, contact)`: an invitation, as a journey makes it."""

    def make(survey: Survey, contact: Contact, **values: Any) -> Invitation:
        values.setdefault("asked_at", now)
        return Invitation.objects.create(survey=survey, contact=contact, **values)

    return make


def question_of(survey: Survey, number: int = 1) -> Question:
    return survey.questions.get(position=number)


def link_to(invitation: Invitation) -> str:
    return f"/survey/{make_token('survey', invitation.pk)}/"


@pytest.fixture
def visitor(acme: Any, client_of: Any) -> Client:
    """Somebody's browser on Acme's host, not signed in, CSRF checked."""
    client = client_of(acme)
    client.handler.enforce_csrf_checks = True
    return client


@pytest.fixture
def answer(visitor: Client) -> Callable[..., Any]:
    """`answer(invitation, "4", "a text")`: send the page, an answer for each question in order."""

    def send(invitation: Invitation, *given: Any, **options: Any) -> Any:
        asked = invitation.survey.questions.all()
        data = {f"q-{question.pk}": each for question, each in zip(asked, given, strict=False)}
        return visitor.post(link_to(invitation), data, **options)

    return send


def line(name: str = "Rye bread", **values: Any) -> dict[str, Any]:
    """A line of an order, as its events and review requests have it."""
    return {
        "line_id": str(uuid7()),
        "product_id": str(uuid7()),
        "name": name,
        "sku": name.upper().replace(" ", "-"),
        "url": "https://shop.example/bread",
        "image_url": "https://shop.example/bread.jpg",
        **values,
    }


@pytest.fixture
def requested(ada: Contact, now: datetime) -> Callable[..., ReviewRequest]:
    """`requested(line, line)`: Ada is asked to review these."""

    def make(*lines: dict[str, Any], contact: Contact | None = None) -> ReviewRequest:
        return ReviewRequest.objects.create(
            contact=contact or ada, order_id=uuid7(), items=list(lines) or [line()], asked_at=now
        )

    return make


def review_url(request: ReviewRequest, number: int = 0) -> str:
    token = make_token("review", request.pk)
    return f"/review/{token}/{request.items[number]['line_id']}/"


@pytest.fixture
def write_review(visitor: Client) -> Callable[..., Any]:
    """`write_review(request, stars="4", text="...")`: send the form of its first line."""

    def send(request: ReviewRequest, number: int = 0, **typed: Any) -> Any:
        return visitor.post(review_url(request, number), {"stars": "5", **typed})

    return send


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> io.BytesIO:
    """A photo as somebody's phone has it."""
    file = io.BytesIO()
    Image.new("RGB", size, "#884400").save(file, kind, **options)
    file.name = f"photo.{kind.lower()}"
    file.seek(0)
    return file


def stranger() -> UUID:
    return uuid7()
