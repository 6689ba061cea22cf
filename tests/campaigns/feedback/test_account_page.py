"""The page of an account's reports: its address, its secret, and what was heard of it."""

import pytest
from django.urls import reverse
from django_tenants.utils import tenant_context

from campaigns.models import ProviderAccount
from tenants.models import AuditEntry, Membership

from .conftest import mail_of
from .samples import SAMPLES
from .signing import bare, ec_key, secrets_of


def url_of(account):
    return reverse("campaigns:account_feedback", args=[account.pk])


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_it_shows_the_address_and_asks_for_what_is_signed_with(kind, account, acme_client):
    sender = account(kind, feedback_secrets=None)
    page = acme_client.get(url_of(sender)).content.decode()
    assert f"http://acme.localhost/hooks/mail/{sender.feedback_token}/" in page.replace(":8000", "")
    for name in secrets_of(kind):
        assert f'name="account-{name}"' in page
    assert ("Reports are refused until" in page) is bool(secrets_of(kind))
    assert "Nothing was heard yet." in page


def test_a_secret_is_stored_and_never_shown(account, acme_client, now):
    sender = account("resend", feedback_secrets=None)
    ProviderAccount.objects.update(feedback_refused=3, feedback_refused_at=now)

    answer = acme_client.post(url_of(sender), {"account-signing_secret": "whsec_c2VjcmV0"})
    assert (answer.status_code, answer.url) == (302, url_of(sender))
    sender.refresh_from_db()
    assert sender.feedback_secrets == {"signing_secret": "whsec_c2VjcmV0"}
    assert (sender.feedback_refused, sender.feedback_refused_at) == (0, None)
    assert AuditEntry.objects.get(action="account.webhook_changed").target == "resend (resend)"
    assert b"c2VjcmV0" not in acme_client.get(url_of(sender)).content

    # left empty it stays
    acme_client.post(url_of(sender), {"account-signing_secret": ""})
    sender.refresh_from_db()
    assert sender.feedback_secrets == {"signing_secret": "whsec_c2VjcmV0"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (bare(ec_key()), bare(ec_key())),
        (f"-----BEGIN PUBLIC KEY-----\n{bare(ec_key())}\n-----END PUBLIC KEY-----", bare(ec_key())),
        ("bm90IGEga2V5", None),
        ("not base64", None),
        ("", None),
    ],
)
def test_a_public_key_must_be_one(typed, stored, account, acme_client):
    sender = account("sendgrid", feedback_secrets=None)
    answer = acme_client.post(url_of(sender), {"account-verification_key": typed})
    sender.refresh_from_db()
    assert answer.status_code == (302 if stored else 422)
    assert sender.feedback_secrets == ({"verification_key": stored} if stored else None)


def test_it_tells_what_was_heard_and_what_was_refused(account, message, provider, acme_client, now):
    sender = account("resend")
    report = SAMPLES["resend"]["delivered"](mail_of(message(sender), now))
    who = provider(sender)
    who.report(report)
    who.send(who.sign(report), headers={})
    page = acme_client.get(url_of(sender)).content.decode()
    assert "Last heard of on" in page
    assert "1 report was refused." in page
    assert "Reports refused" in acme_client.get("/settings/sending/").content.decode()


def test_an_smtp_server_reports_nothing(account, acme_client):
    sender = account("smtp")
    assert acme_client.get(url_of(sender)).status_code == 404
    assert "/reports/" not in acme_client.get("/settings/sending/").content.decode()


def test_only_admins_see_the_address(account, acme_client, owner, acme):
    sender = account("resend")
    Membership.objects.filter(user=owner, workspace=acme).update(role="editor")
    for answer in (acme_client.get(url_of(sender)), acme_client.post(url_of(sender), {})):
        assert answer.status_code == 403
        assert sender.feedback_token not in answer.content.decode()


def test_globex_finds_no_such_account(account, acme, globex_client):
    sender = account("resend")
    answer = globex_client.post(url_of(sender), {"account-signing_secret": "theirs"})
    assert answer.status_code == 404
    with tenant_context(acme):
        sender.refresh_from_db()
        assert sender.feedback_secrets == secrets_of("resend")
