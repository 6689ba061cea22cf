"""A post office that listens for real, and mails ready to be sent."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SMTPServer


@pytest.fixture(autouse=True)
def _static_files_without_hashes(settings: Any, tmp_path: Path) -> None:
    """Names of static files as written: nobody collected them for a test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT = tmp_path


class Office:
    """Takes mail over SMTP; `answers` says what to do with the next ones: reply, or "cut"."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: SMTPServer, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250") or answer == "cut":
            self.taken.append(envelope)
        if answer == "cut":
            server.transport.close()
            return "421 gone"
        return answer


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    """A mail server on a free port, set as the installation's way out."""
    post = Office()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port, decode_data=False)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    yield post
    controller.stop()


@pytest.fixture
def hello(acme: Any, now: Any) -> Any:
    """A saved mail with a greeting, a tracked link and the footer."""
    from campaigns.services import TemplateDraft, save_template

    return save_template(
        draft=TemplateDraft(
            name="Hello",
            subject="Hello {{ contact.first_name }}",
            body=[
                {"kind": "text", "settings": {"html": "<p>Dear {{ contact.first_name }}</p>"}},
                {
                    "kind": "button",
                    "settings": {"label": "Shop", "href": "https://acme.example/shop"},
                },
                {"kind": "footer", "settings": {}},
            ],
        ),
        now=now,
    )


@pytest.fixture
def subscriber(now: Any) -> Any:
    """`subscriber("ada@example.com")`: a contact who agreed to marketing mail."""
    from contacts.models import Contact

    def make(email: str, **fields: Any) -> Contact:
        return Contact.objects.create(
            email=email, email_consent="subscribed", **{"first_name": "Ada", **fields}
        )

    return make
