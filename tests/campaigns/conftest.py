"""A post office that listens for real, and mails ready to be sent."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SMTPServer


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
def mail(acme: Any, now: Any) -> Any:
    """`mail("News")`: a saved mail with this subject, a link and the footer."""
    from campaigns.services import TemplateDraft, save_template

    def make(subject: str, **changed: Any) -> Any:
        body = [
            {"kind": "button", "settings": {"label": "Shop", "href": "https://acme.example/shop"}},
            {"kind": "footer", "settings": {}},
        ]
        draft = TemplateDraft(**{"name": subject, "subject": subject, "body": body, **changed})
        return save_template(draft=draft, now=now)

    return make


@pytest.fixture
def subscriber(now: Any) -> Any:
    """`subscriber("ada@example.com")`: a contact who agreed to marketing mail."""
    from contacts.models import Contact

    def make(email: str, **fields: Any) -> Contact:
        return Contact.objects.create(
            email=email, email_consent="subscribed", **{"first_name": "Ada", **fields}
        )

    return make


@pytest.fixture
def campaign(acme: Any, hello: Any, now: Any) -> Any:
    """`campaign(tag="vip")`: a draft to everybody with the tag, or to all subscribers."""
    from campaigns.launching import CampaignDraft, save_campaign

    acme.postal_address = "Via Roma 1, Roma"
    acme.save()

    def make(name: str = "Spring", tag: str = "", **changed: Any) -> Any:
        kind = "tag" if tag else "everyone"
        given = {"template_id": hello.pk, "audience_kind": kind, "tag": tag, **changed}
        return save_campaign(draft=CampaignDraft(name, **given), now=now)

    return make


@pytest.fixture
def crowd(now: Any) -> Any:
    """`crowd(3, tag="vip")`: so many subscribers, added before now."""
    from datetime import timedelta

    from contacts.models import Contact
    from contacts.tags import add_tag

    def make(count: int, tag: str = "", word: str = "p", **fields: Any) -> list[Any]:
        given = {"email_consent": "subscribed", "created_at": now - timedelta(days=1), **fields}
        people = Contact.objects.bulk_create(
            Contact(**{"email": f"{word}{n:04}@example.com", **given}) for n in range(count)
        )
        if tag:
            add_tag(contact_ids=[each.pk for each in people], name=tag, now=now)
        return people

    return make
