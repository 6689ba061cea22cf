"""Mail of the installation: a row each, sent over real SMTP, and no answer is lost or guessed."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from tenants import system_mail
from tenants.models import SystemMail


class Server:
    """A mail server that says what it is told to."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.accepted: list[tuple[str, bytes]] = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("later"):
            return "450 4.2.0 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.accepted.append((envelope.rcpt_tos[0], envelope.content))
        if self.answer == "cut":
            server.transport.abort()
        return self.answer


@pytest.fixture
def server(settings) -> Iterator[Server]:
    found = Server()
    controller = Controller(found, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{controller.port}"
    settings.EMAIL_BACKEND = "tenants.system_mail.RowBackend"
    yield found
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def queue(*addresses: str, subject: str = "Confirm") -> list[SystemMail]:
    for address in addresses:
        message = EmailMultiAlternatives(
            subject, "Öffne\n.\nthis", "Viaggio <hello@viaggio.example>", [address]
        )
        message.attach_alternative("<p>open</p>", "text/html")
        message.send()
    return list(SystemMail.objects.order_by("created_at", "due_at"))


def test_a_mail_is_a_row_first_and_arrives_whole(db, server):
    # given a queued mail
    [row] = queue("ada@example.com")
    assert (row.status, row.html, server.accepted) == ("queued", "<p>open</p>", [])

    # when the sender comes by
    assert system_mail.send_due(now=timezone.now()) == 1

    # then it has left once, with its id in it
    [(address, content)] = server.accepted
    assert address == "ada@example.com"
    assert f"Message-ID: <{row.pk}@viaggio.example>".encode() in content
    assert b"Auto-Submitted: auto-generated" in content
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("accepted", 1)
    assert system_mail.send_due(now=timezone.now()) == 0
    assert len(server.accepted) == 1


def test_a_refused_address_fails_alone(db, server):
    first, second, third = queue("refused@example.com", "later@example.com", "ada@example.com")
    now = timezone.now()

    assert system_mail.send_due(now=now) == 1

    for row in (first, second, third):
        row.refresh_from_db()
    assert (first.status, "550" in first.error) == ("failed", True)
    assert (second.status, second.due_at) == ("queued", now + timedelta(seconds=15))
    assert third.status == "accepted"


def test_a_server_that_is_away_is_tried_again_less_and_less_often(db, server, settings):
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    [row] = queue("ada@example.com")
    now = timezone.now()
    pauses = []
    for _attempt in range(system_mail.MAX_ATTEMPTS):
        assert system_mail.send_due(now=now) == 0
        row.refresh_from_db()
        pauses.append((row.due_at - now).total_seconds())
        now = row.due_at
    assert pauses[:7] == [15, 30, 60, 120, 240, 480, 960]
    assert row.status == "failed"


def test_a_cut_after_the_body_is_sent_once_more_and_then_left_in_doubt(db, server):
    # given a server that takes the mail and cuts the line before it says so
    server.answer = "cut"
    [row] = queue("ada@example.com")
    now = timezone.now()

    # when the sender comes by
    system_mail.send_due(now=now)

    # then nobody knows, and nobody sends again while the lease runs
    row.refresh_from_db()
    assert row.status == "calling"
    system_mail.send_due(now=now + timedelta(seconds=60))
    assert len(server.accepted) == 1
    # but after it, once more, and never a third time
    now += system_mail.LEASE
    system_mail.send_due(now=now)
    assert len(server.accepted) == 2
    now += system_mail.LEASE
    system_mail.send_due(now=now)
    row.refresh_from_db()
    assert (row.status, len(server.accepted)) == ("in_doubt", 2)


def test_a_late_sender_cannot_overwrite_the_verdict_of_the_next(db, server):
    [row] = queue("ada@example.com")
    now = timezone.now()
    [stale] = system_mail.claim(now=now)
    [fresh] = system_mail.claim(now=now + system_mail.LEASE)

    assert system_mail._settle(stale, status=SystemMail.Status.ACCEPTED) is False
    row.refresh_from_db()
    assert row.status == "calling"
    assert system_mail._settle(fresh, status=SystemMail.Status.ACCEPTED) is True


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("ada@example.com\nBcc: bob@example.com", "Hello"),
        ("ada@localhost", "Hello"),
        ("ada@example.com", "Hello\nBcc: bob@example.com"),
    ],
)
def test_what_must_not_leave_is_kept_as_failed(db, server, address, subject):
    [row] = queue(address, subject=subject)
    assert row.status == "failed"
    assert row.error
    assert system_mail.send_due(now=timezone.now()) == 0
    assert server.accepted == []


def test_what_failed_can_be_queued_again(db, server):
    [row] = queue("refused@example.com")
    system_mail.send_due(now=timezone.now())
    SystemMail.objects.filter(pk=row.pk).update(to_address="ada@example.com")
    assert system_mail.send_again(mails=[row], now=timezone.now()) == 1
    assert system_mail.send_due(now=timezone.now()) == 1
    assert system_mail.send_again(mails=[row], now=timezone.now()) == 0
