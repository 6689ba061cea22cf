"""The mail catcher and its inbox: every mail is kept, and shown harmlessly to those allowed."""

import smtplib
import socket
from email.message import EmailMessage
from unittest.mock import patch

import pytest
from aiosmtpd.smtp import Envelope
from django.db import OperationalError

from tenants import catcher
from tenants.inbox import catch_mail, framed_html, read_mail
from tenants.models import CaughtMail, User


def raw(html: str = "<p>Hi</p>", subject: str = "Welcome") -> bytes:
    message = EmailMessage()
    message["From"] = "hello@acme.example"
    message["To"] = "ada@example.com"
    message["Subject"] = subject
    message.set_content("Hello Ada, see http://acme.localhost:8000/x")
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def caught(now, to: str = "ada@example.com", **parts: str) -> CaughtMail:
    return catch_mail(sender="bounce@acme.example", recipients=[to], raw=raw(**parts), now=now)


def test_the_catcher_stores_what_it_says_it_took(db):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stored = []

    def note(envelope):
        stored.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"

    server = catcher.catching_server(host="127.0.0.1", port=port)
    with patch.object(catcher, "store", note):
        server.start()
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
                client.ehlo()
                assert client.esmtp_features["size"] == str(catcher.LARGEST_MAIL)
                client.sendmail("a@example.com", ["b@example.com", "c@example.com"], raw())
                with pytest.raises(smtplib.SMTPException):
                    client.sendmail(
                        "a@example.com", ["b@example.com"], b"x" * (catcher.LARGEST_MAIL + 1)
                    )
        finally:
            server.stop()
    [(sender, recipients, content)] = stored
    assert (sender, recipients) == ("a@example.com", ["b@example.com", "c@example.com"])
    assert b"Subject: Welcome" in content


def test_without_a_database_the_sender_is_asked_to_come_back(db):
    envelope = Envelope()
    envelope.mail_from, envelope.rcpt_tos, envelope.content = "a@b.example", ["c@d.example"], raw()
    with (
        patch.object(catcher, "catch_mail", side_effect=OperationalError("gone")),
        patch.object(catcher.connection, "close"),
        patch.object(catcher, "close_old_connections"),
    ):
        assert catcher.store(envelope).startswith("451 ")
    with patch.object(catcher, "close_old_connections"):
        assert catcher.store(envelope).startswith("250 ")
    assert CaughtMail.objects.get().recipients == ["c@d.example"]


def test_the_oldest_go_when_there_are_too_many(db, now):
    kept = [catch_mail(sender="", recipients=[], raw=raw(), now=now, keep=3) for _ in range(5)]
    assert set(CaughtMail.objects.values_list("pk", flat=True)) == {each.pk for each in kept[2:]}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Subject: =?utf-8?b?broken\n\nx",
        b"Content-Type: text/html; charset=klingon\n\n<p>x",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Subject: a\x00b\nContent-Transfer-Encoding: base64\nContent-Type: text/html\n\n!!!!",
        b"From: \xff\xff <@>\nTo: ,,,\nDate: never\n\nx",
    ],
)
def test_a_broken_mail_is_kept_and_shown(public, now, broken):
    found = catch_mail(sender="a@b.example", recipients=["c@d.example"], raw=broken, now=now)
    for tab in ("", "html", "text", "headers", "source"):
        assert public.get(f"/inbox/{found.pk}/", {"tab": tab}).status_code == 200
    assert public.get(f"/inbox/{found.pk}/body/").status_code == 200
    assert bytes(CaughtMail.objects.get().raw) == broken


def test_the_inbox_shows_the_newest_first_and_searches_recipients(public, now):
    caught(now, to="ada@example.com", subject="First")
    caught(now, to="bob@example.com", subject="Second")

    page = public.get("/inbox/")
    assert [each.subject for each in page.context["page"]] == ["Second", "First"]
    assert "<html" in page.content.decode()
    page = public.get("/inbox/", {"q": "ADA@"}, headers={"hx-request": "true"})
    assert [each.subject for each in page.context["page"]] == ["First"]
    assert "<html" not in page.content.decode()
    assert "No mail to this recipient" in public.get("/inbox/", {"q": "eve"}).content.decode()
    assert public.get("/inbox/", {"q": "\x00%_", "page": "x"}).status_code == 200


def test_the_html_of_a_mail_runs_no_script_and_links_open_outside(public, now):
    found = caught(
        now, html='<html><head></head><script>alert(1)</script><a href="/x">x</a></html>'
    )

    frame = public.get(f"/inbox/{found.pk}/body/")

    policy = frame["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert '<head><base target="_blank">' in frame.content.decode()
    around = public.get(f"/inbox/{found.pk}/").content.decode()
    assert "alert(1)" not in around
    assert 'sandbox="allow-popups' in around
    assert framed_html("<p>x</p>") == '<base target="_blank"><p>x</p>'


def test_a_mail_is_taken_apart(db, now):
    read = read_mail(caught(now))
    assert read.html.strip() == "<p>Hi</p>"
    assert read.text.startswith("Hello Ada")
    assert ("To", "ada@example.com") in read.headers
    assert "Subject: Welcome" in read.source


def test_deleting_asks_first(public, now):
    caught(now)
    assert "Delete this one mail?" in public.get("/inbox/empty/").content.decode()
    assert CaughtMail.objects.count() == 1
    assert public.post("/inbox/empty/")["Location"] == "/inbox/"
    assert CaughtMail.objects.count() == 0


@pytest.mark.parametrize("path", ["", "1/", "1/body/", "empty/"])
def test_elsewhere_the_inbox_is_for_operators(public, owner, settings, path):
    settings.LOCAL = False
    assert public.get(f"/inbox/{path}")["Location"].startswith("/sign-in/")
    public.force_login(owner)
    assert public.get(f"/inbox/{path}").status_code == 404
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    assert public.get("/inbox/").status_code == 200


def test_a_workspace_has_no_inbox(acme_client):
    assert acme_client.get("/inbox/").status_code == 404
