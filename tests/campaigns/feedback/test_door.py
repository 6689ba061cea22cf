"""Only a provider's own calls come in, once each; whatever else is posted is refused in words.

Cases BI160 to BI165, BI171, BI172, BI181 and BI182 of `tests/cases/bad_inputs_webhooks.jsonl`.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Message, ProviderAccount
from config.logs import mask_tokens
from events.models import Event, InboundDelivery
from tenants.models import Agenda

from .conftest import code_of, mail_of
from .samples import SAMPLES
from .signing import TOPIC, signed_sns

# Vouched for by more than the address.
SIGNED = [
    "amazon_ses", "mailersend", "mailgun", "mailtrap", "mandrill", "postal", "resend", "sendgrid",
    "unisender_go",
]  # fmt: skip
UNSIGNED = ["brevo", "mailjet", "postmark", "sparkpost"]


@pytest.fixture
def mailing(account, message, provider, now):
    """`mailing("resend")`: (who posts, a bounce of a message, that message)."""

    def make(kind):
        sender = account(kind)
        sent = message(sender)
        what = "rejected" if kind == "postal" else "hard_bounce"
        return provider(sender), SAMPLES[kind][what](mail_of(sent, now)), sent

    return make


def assert_refused(answer, who, sent, *, code="bad_signature", counted=1):
    """400 with this code, nothing stored, nothing changed, and it was counted."""
    assert code_of(answer) == (400, code)
    assert InboundDelivery.objects.count() == 0
    sent.refresh_from_db()
    assert sent.status == "accepted"
    who.account.refresh_from_db()
    assert who.account.feedback_refused == counted
    assert who.account.feedback_refused_at == (who.now if counted else None)
    assert not Agenda.objects.filter(lane="events", due_at__isnull=False).exists()


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signed_call_is_stored_raw_and_answered(kind, mailing, now):
    who, report, _sent = mailing(kind)
    made = who.sign(report)
    answer = who.send(made)
    assert (answer.status_code, answer.content) == (200, b"")
    stored = InboundDelivery.objects.get()
    assert (stored.kind, stored.door) == ("provider", str(who.account.pk))
    assert (bytes(stored.body), stored.state, stored.received_at) == (made.body, "waiting", now)
    # and of its headers only what reading needs: no signature, no cookie, no address
    assert set(stored.headers) <= {
        "Content-Type", "svix-id", "x-amz-sns-message-type", "x-amz-sns-message-id"
    }  # fmt: skip
    who.account.refresh_from_db()
    assert who.account.feedback_refused == 0


@pytest.mark.parametrize("kind", SIGNED)
def test_without_a_signature_nothing_comes_in(kind, mailing):
    who, report, sent = mailing(kind)
    made = who.sign(report)
    if kind in ("mailgun", "unisender_go", "amazon_ses"):
        # they sign inside the body
        told = json.loads(made.body)
        for name in ("signature", "auth", "Signature"):
            told.pop(name, None)
        made = replace(made, body=json.dumps(told).encode())
    else:
        made = replace(made, headers={})
    assert_refused(who.send(made), who, sent)


@pytest.mark.parametrize("kind", SIGNED)
def test_a_wrong_signature_is_no_signature(kind, mailing):
    who, report, sent = mailing(kind)
    made = who.sign(report)
    if kind == "unisender_go":
        who.account.credentials = {"api_key": "another key"}
    else:
        who.account.feedback_secrets = {
            **who.account.feedback_secrets,
            **{
                "amazon_ses": {},
                "mailgun": {"webhook_signing_key": "another"},
                "mandrill": {"webhook_key": "another"},
                "mailtrap": {"signature_secret": "another"},
                "postal": {"webhook_key": "bm90IGEga2V5"},
                "sendgrid": {"verification_key": "bm90IGEga2V5"},
            }.get(kind, {"signing_secret": "whsec_YW5vdGhlcg=="}),
        }
    who.account.save()
    if kind == "amazon_ses":
        told = json.loads(made.body) | {"Signature": "bm90IGEgc2lnbmF0dXJl"}
        made = replace(made, body=json.dumps(told).encode())
    assert_refused(who.send(made), who, sent)


# Mailgun signs no body: its token is good for one body only, see below.
@pytest.mark.parametrize("kind", [kind for kind in SIGNED if kind != "mailgun"])
def test_one_byte_of_the_body_changed_breaks_the_signature(kind, mailing):
    who, report, sent = mailing(kind)
    made = who.sign(report)
    changed = made.body.replace(b"ada", b"eve", 1)
    assert changed != made.body
    assert_refused(who.send(made, body=changed), who, sent)


@pytest.mark.parametrize("kind", [kind for kind in SIGNED if kind != "unisender_go"])
@pytest.mark.parametrize("known", [None, {}])
def test_before_the_secret_is_known_nothing_comes_in(kind, known, mailing):
    who, report, sent = mailing(kind)
    ProviderAccount.objects.filter(pk=who.account.pk).update(feedback_secrets=known)
    assert_refused(who.report(report), who, sent)


@pytest.mark.parametrize("mark", ["abc", "v1,", "v1", ",", "v2,abc", "v1,%%%", ""])
def test_a_signature_that_is_no_signature_is_refused(mark, mailing):
    who, report, sent = mailing("resend")
    made = who.sign(report)
    headers = {**made.headers, "svix-signature": mark}
    assert_refused(who.send(made, headers=headers), who, sent)


def test_a_signed_body_that_is_not_utf_8_is_refused(mailing):
    who, _report, sent = mailing("resend")
    from .signing import Post, signature

    body = b'{"type": "email.bounced\xff"}'
    made = Post(body, signature("resend", body, int(who.now.timestamp())))
    assert_refused(who.send(made), who, sent, code="invalid_json", counted=0)


@pytest.mark.parametrize("kind", ["resend", "mailgun"])
@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(days=10), -timedelta(minutes=6)])
def test_an_old_signature_is_none(kind, age, mailing, now):
    who, report, sent = mailing(kind)
    made = who.sign(report)
    answer = who.send(made, at=now + age)
    assert code_of(answer) == (400, "bad_signature")
    assert InboundDelivery.objects.count() == 0
    sent.refresh_from_db()
    assert sent.status == "accepted"


def test_a_mailgun_token_is_good_for_one_body(mailing):
    # given a call of Mailgun's
    who, report, _sent = mailing("mailgun")
    made = who.sign(report)
    assert who.send(made).status_code == 200

    # when the same comes again, it is the same
    assert who.send(made).status_code == 200

    # and when its signature vouches for another recipient, it does not
    forged = made.body.replace(b"ada@example.com", b"bob@example.com")
    assert code_of(who.send(made, body=forged)) == (400, "token_used")
    assert bytes(InboundDelivery.objects.get().body) == made.body
    who.account.refresh_from_db()
    assert who.account.feedback_refused == 1


@pytest.mark.parametrize("kind", UNSIGNED)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b"null", b"1", b'"text"', b"\xff", b"event=bounce"]
)
def test_what_is_no_report_is_refused(kind, body, mailing):
    who, report, sent = mailing(kind)
    assert_refused(who.send(who.sign(report), body=body), who, sent, code="invalid_json", counted=0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'[{"event": NaN}]', "invalid_number"),
        (b'[{"event": Infinity}]', "invalid_number"),
        (b'[{"event": "bounce"', "invalid_json"),
    ],
)
def test_json_that_breaks_others_is_refused(body, code, mailing):
    who, report, sent = mailing("mailjet")
    assert_refused(who.send(who.sign(report), body=body), who, sent, code=code, counted=0)


def test_an_empty_form_of_mandrill_is_refused(mailing):
    who, report, sent = mailing("mandrill")
    assert_refused(who.send(who.sign(report), body=b""), who, sent)


def test_head_is_answered_and_get_is_not(mailing, client_of, acme):
    who, _report, _sent = mailing("brevo")
    assert who.client.head(who.path).status_code == 200
    answer = who.client.get(who.path)
    assert code_of(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "POST, HEAD"


def test_five_megabytes_are_refused_and_ten_thousand_reports_are_not(
    account, message, provider, settle, now
):
    sender = account("sendgrid")
    sent, who = message(sender), provider(sender)
    report = SAMPLES["sendgrid"]["delivered"](mail_of(sent, now))

    many = who.sign(*({**report, "sg_event_id": f"e{n}"} for n in range(10_000)))
    assert len(many.body) < 5 * 1024 * 1024
    assert who.send(many).status_code == 200
    settle()
    sent.refresh_from_db()
    assert sent.status == "delivered"
    assert Event.objects.filter(type="message.delivered").count() == 10_000

    too_much = who.send(who.sign({**report, "response": "x" * 5 * 1024 * 1024}))
    assert code_of(too_much) == (413, "body_too_large")
    assert InboundDelivery.objects.count() == 1


def test_an_address_that_is_not_there_is_not_found(mailing, client_of, acme, globex):
    who, report, _sent = mailing("brevo")
    made = who.sign(report)
    for path in (who.path[:-2] + "x/", "/hooks/mail/x/"):
        answer = who.client.post(path, made.body, content_type="application/json")
        assert code_of(answer) == (404, "not_found")
    # and an SMTP server reports nothing
    plain = ProviderAccount.objects.create(kind="smtp", label="s", credentials={})
    answer = who.client.post(f"/hooks/mail/{plain.feedback_token}/", {})
    assert code_of(answer) == (404, "not_found")
    assert InboundDelivery.objects.count() == 0


def test_globex_s_address_does_nothing_to_acme_s_messages(
    mailing, account, provider, client_of, acme, globex, settle, now
):
    from django_tenants.utils import tenant_context

    # given Acme's message, and an account of Globex's
    _who, report, sent = mailing("brevo")
    with tenant_context(globex):
        theirs = account("brevo")

    # when Acme's report comes by Globex's address, on either host
    path = f"/hooks/mail/{theirs.feedback_token}/"
    body = json.dumps(report).encode()
    there = client_of(globex).post(path, body, content_type="application/json")
    here = client_of(acme).post(path, body, content_type="application/json")

    # then Acme's host knows no such address, and in Globex the message is unknown
    assert (there.status_code, code_of(here)) == (200, (404, "not_found"))
    with tenant_context(globex):
        settle()
        assert Event.objects.filter(type__startswith="message.").count() == 0
    with tenant_context(acme):
        settle()
        sent.refresh_from_db()
        assert sent.status == "accepted"
        assert InboundDelivery.objects.count() == 0


class TestAmazon:
    """A topic of Amazon SNS is confirmed when it is the expected one, and Amazon's."""

    URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"

    def confirmation(self, at, **changes):
        told = {
            "Type": "SubscriptionConfirmation",
            "Token": "t",
            "Message": "You have chosen to subscribe to the topic.",
            "SubscribeURL": self.URL,
            **changes,
        }
        return signed_sns(told, at)

    def test_the_expected_topic_is_confirmed(self, mailing, amazon, now):
        who, _report, _sent = mailing("amazon_ses")
        assert who.send(self.confirmation(now)).status_code == 200
        assert amazon[-1] == self.URL
        assert InboundDelivery.objects.count() == 0

    def test_a_stranger_s_topic_is_not(self, mailing, amazon, now):
        who, _report, sent = mailing("amazon_ses")
        strange = self.confirmation(now, TopicArn=TOPIC.replace("123456789012", "999999999999"))
        assert_refused(who.send(strange), who, sent)
        assert amazon == []

    @pytest.mark.parametrize(
        "url",
        [
            "https://sns.evil.test/",
            "http://169.254.169.254/",
            "http://sns.eu-west-1.amazonaws.com/",
            "https://sns.eu-west-1.amazonaws.com.evil.test/",
            "https://sns.eu-west-1.amazonaws.com@evil.test/",
            "https://evil.test\\@sns.eu-west-1.amazonaws.com/",
            "https://sns.eu-west-1.amazonaws.com:8443/",
            "https://s3.eu-west-1.amazonaws.com/",
            "https://[sns.eu-west-1.amazonaws.com/",
            "",
            None,
        ],
    )
    @pytest.mark.parametrize("name", ["SubscribeURL", "SigningCertURL"])
    def test_an_address_that_is_not_amazon_s_is_never_fetched(
        self, name, url, mailing, amazon, now
    ):
        who, _report, sent = mailing("amazon_ses")
        assert_refused(who.send(self.confirmation(now, **{name: url})), who, sent)
        assert amazon == []

    def test_the_certificate_is_fetched_once(self, mailing, amazon, now):
        who, report, _sent = mailing("amazon_ses")
        for _each in range(3):
            assert who.report(report).status_code == 200
        assert len(amazon) == 1

    def test_when_amazon_is_away_it_is_to_come_again(self, mailing, monkeypatch, now):
        who, _report, _sent = mailing("amazon_ses")
        who.report(_report)

        def away(url, **options):
            raise ConnectionError

        monkeypatch.setattr("campaigns.signatures.requests.get", away)
        answer = who.send(self.confirmation(now))
        assert code_of(answer) == (503, "unavailable")
        assert answer["Retry-After"] == "60"


def test_what_is_nested_too_deep_fails_alone(mailing, settle):
    who, report, _sent = mailing("mailjet")
    deep = b"[" * 100_000 + b"]" * 100_000
    assert who.send(who.sign(report), body=deep).status_code == 200
    settle()
    assert InboundDelivery.objects.get().state == "failed"


def test_the_token_stands_in_no_log(account):
    path = f"/hooks/mail/{account('brevo').feedback_token}/"
    assert mask_tokens(None, "info", {"event": path}) == {"event": "/hooks/mail/***/"}


def test_a_token_is_an_account_s_own(account):
    one, two = account("brevo"), account("brevo")
    assert one.feedback_token != two.feedback_token
    assert len(one.feedback_token) >= 32
    assert reverse("campaigns:provider_call", args=[one.feedback_token]).endswith("/")
    assert Message.objects.count() == 0
