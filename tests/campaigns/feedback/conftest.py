"""Accounts of every provider, messages that left by them, and a way to post and read reports."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from campaigns import feedback_keeping, signatures
from campaigns.models import Message, ProviderAccount
from contacts.models import Contact
from events.drain import drain
from events.reading import drain_inbound

from .shapes import Mail
from .signing import CREDENTIALS, Post, certificate, post, secrets_of


@pytest.fixture(autouse=True)
def amazon(monkeypatch: Any) -> list[str]:
    """What was fetched from Amazon; a certificate is answered, whatever was asked."""
    fetched: list[str] = []

    class Answer:
        status_code = 200
        content = certificate()

        def raise_for_status(self) -> None:
            pass

    def get(url: str, **options: Any) -> Answer:
        assert options == {"timeout": 5, "allow_redirects": False}
        fetched.append(url)
        return Answer()

    monkeypatch.setattr(signatures.requests, "get", get)
    signatures.cache.clear()
    return fetched


@pytest.fixture
def account(acme: Any) -> Any:
    """`account("resend")`: an account that knows what its provider signs with."""

    def make(kind: str, **fields: Any) -> ProviderAccount:
        return ProviderAccount.objects.create(
            kind=kind,
            label=kind,
            **{
                "credentials": CREDENTIALS.get(kind, {"api_key": "k"}),
                "feedback_secrets": secrets_of(kind),
                **fields,
            },
        )

    return make


@pytest.fixture
def message(hello: Any, now: Any) -> Any:
    """`message(account)`: one that the account's provider took an hour ago."""
    made: list[Message] = []

    def make(account: Any, *, to: str = "ada@example.com", **fields: Any) -> Message:
        contact, _new = Contact.objects.get_or_create(
            email=to, defaults={"email_consent": "subscribed", "first_name": "Ada"}
        )
        row = Message.objects.create(
            **{
                "send_key": f"test:{len(made)}",
                "contact": contact,
                "to_address": to,
                "template_version": hello.live_version,
                "account": account,
                "status": "accepted",
                "provider_message_id": str(70_000 + len(made)),
                "sent_at": now - timedelta(hours=1),
                "called_at": now - timedelta(hours=1),
                **fields,
            }
        )
        made.append(row)
        return row

    return make


def mail_of(message: Message, at: Any) -> Mail:
    """The message as its provider knows it."""
    return Mail(message.pk, message.provider_message_id, message.to_address, at)


class Provider:
    """A provider that posts to one account's address, at a moment of its own."""

    def __init__(self, client: Client, account: ProviderAccount, now: Any) -> None:
        self.client = client
        self.account = account
        self.now = now

    @property
    def url(self) -> str:
        return feedback_keeping.address_of(self.account)

    @property
    def path(self) -> str:
        return f"/hooks/mail/{self.account.feedback_token}/"

    def sign(self, *reports: Any) -> Post:
        return post(self.account.kind, reports, at=self.now, url=self.url)

    def send(self, made: Post, **changes: Any) -> HttpResponse:
        with time_machine.travel(changes.pop("at", self.now), tick=False):
            return self.client.generic(
                "POST",
                self.path,
                changes.get("body", made.body),
                content_type=made.content_type,
                headers=changes.get("headers", made.headers),
            )

    def report(self, *reports: Any) -> HttpResponse:
        return self.send(self.sign(*reports))


@pytest.fixture
def provider(acme: Any, client_of: Any, now: Any) -> Any:
    """`provider(account)`: whoever posts to its address."""
    return lambda account, at=now: Provider(client_of(acme), account, at)


@pytest.fixture
def settle(now: Any) -> Any:
    """Read what came in and process the events of it, as the lane does."""

    def run(at: Any = now) -> None:
        while drain_inbound(now=at).done:
            pass
        while drain(now=at).done:
            pass

    return run


def code_of(response: HttpResponse) -> tuple[int, str]:
    """(status, code) of an answer in the API's error shape."""
    told = json.loads(response.content)
    assert set(told) == {"code", "message", "errors"}
    assert told["message"]
    return response.status_code, told["code"]


def state_of(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What reports can change of messages."""
    return list(
        Message.objects.filter(pk__in=ids)
        .order_by("pk")
        .values(
            "status", "reason", "reason_text", "sent_at", "delivered_at", "bounced_at",
            "complained_at", "unsubscribed_at", "opened_at", "machine_opened_at", "clicked_at",
        )
    )  # fmt: skip
