"""P3: what nobody knew the fate of is settled by what the provider says; what is in hand waits."""

from datetime import timedelta

import pytest

from campaigns import claims, sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from events.models import Event, InboundDelivery

from .conftest import mail_of
from .samples import SAMPLES

Status = Message.Status


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("accepted", "accepted"),
        ("delivered", "delivered"),
        ("hard_bounce", "bounced"),
        ("complained", "complained"),
        ("opened", "accepted"),
    ],
)
@pytest.mark.parametrize(
    ("stands", "reason"),
    [("in_doubt", "cut_off"), ("retry", "asked_again"), ("queued", "cut_off"), ("held", "cut_off")],
)
def test_a_message_in_doubt_is_settled(
    what, status, stands, reason, account, message, provider, settle, now
):
    # given a message whose line was cut while it was leaving
    sender = account("postmark")
    called = now - timedelta(hours=1)
    sent = message(
        sender, status=stands, reason=reason, reason_text="The line was cut.", sent_at=None,
        called_at=called, provider_message_id="",
    )  # fmt: skip

    # when the provider tells of it
    provider(sender).report(SAMPLES["postmark"][what](mail_of(sent, now)))
    settle()

    # then it is certain: it was sent when it was called, and is not sent again
    sent.refresh_from_db()
    assert (sent.status, sent.sent_at) == (status, called)
    assert sent.reason == (what if status in ("bounced", "complained") else "")
    assert claims.claim(now=now + timedelta(days=1), limit=10) == []


def test_the_mails_of_a_provider_that_hangs_up_are_settled_by_its_reports(
    account, office, hello, subscriber, provider, settle, now, acme
):
    # given a provider that takes every mail and hangs up without a word
    office.answers = ["cut"] * 3
    people = [subscriber(f"p{n}@example.com") for n in range(3)]
    queue_messages(
        messages=[NewMessage(f"test:{one.pk}", one.pk, hello.live_version_id) for one in people],
        now=now,
    )
    sending.drain(workspace=acme, clock=lambda: now)
    assert set(Message.objects.values_list("status", flat=True)) == {"in_doubt"}
    assert len(office.taken) == 3

    # when it reports, by the send ids that travelled with the mails
    who = provider(account("amazon_ses"))
    for row in Message.objects.all():
        who.report(SAMPLES["amazon_ses"]["delivered"](mail_of(row, now)))
    settle()

    # then none is in doubt, and none was sent twice
    assert set(Message.objects.values_list("status", "sent_at")) == {("delivered", now)}
    sending.drain(workspace=acme, clock=lambda: now + timedelta(days=1))
    assert len(office.taken) == 3


@pytest.mark.parametrize("stands", ["queued", "claimed", "calling", "retry", "deferred", "held"])
def test_what_is_in_hand_waits_for_the_sender_s_verdict(
    stands, account, message, provider, settle, now
):
    # given a report that comes before the sender has written down its verdict
    sender = account("postmark")
    sent = message(
        sender, status=stands, fence=3, sent_at=None, lease_until=now + timedelta(minutes=5)
    )
    provider(sender).report(SAMPLES["postmark"]["delivered"](mail_of(sent, now)))
    settle()

    # then the row is left alone, and the report is kept
    sent.refresh_from_db()
    assert (sent.status, sent.delivered_at, sent.fence) == (stands, None, 3)
    waiting = InboundDelivery.objects.get()
    assert (waiting.state, waiting.error) == ("waiting", "Its message is still being sent.")
    assert waiting.due_at == now + timedelta(seconds=15)
    assert Event.objects.filter(type="message.delivered").count() == 0

    # and when the sender is done, it has its effect
    Message.objects.update(status="accepted", sent_at=now)
    settle(now + timedelta(seconds=15))
    sent.refresh_from_db()
    assert (sent.status, sent.delivered_at) == ("delivered", now)
    assert InboundDelivery.objects.get().state == "done"


def test_a_report_that_waits_keeps_its_call_waiting_whatever_else_is_in_it(
    account, message, provider, settle, now
):
    # given one report for a message in hand, and one that cannot be read
    sender = account("sparkpost")
    sent = message(sender, status="calling", sent_at=None)
    report = SAMPLES["sparkpost"]["delivered"](mail_of(sent, now))
    provider(sender).report(report, {"broken": True})
    settle()
    assert InboundDelivery.objects.get().state == "waiting"

    # then the first has its effect in time, and the second is shown
    Message.objects.update(status="accepted", sent_at=now)
    settle(now + timedelta(minutes=1))
    sent.refresh_from_db()
    assert sent.status == "delivered"
    assert InboundDelivery.objects.get().state == "failed"


def test_a_report_of_what_never_left_is_given_up(account, message, provider, settle, now):
    sender = account("postmark")
    sent = message(sender, status="deferred", sent_at=None)
    provider(sender).report(SAMPLES["postmark"]["delivered"](mail_of(sent, now)))
    InboundDelivery.objects.update(attempts=12)
    settle()
    call = InboundDelivery.objects.get()
    assert (call.state, call.error) == ("ignored", "Its message has not been sent.")
    sent.refresh_from_db()
    assert (sent.status, sent.delivered_at) == ("deferred", None)


def test_the_account_that_took_a_message_is_written_down(
    account, office, hello, subscriber, now, acme, settings
):
    from urllib.parse import urlsplit

    port = urlsplit(settings.EMAIL_URL).port
    sender = account("smtp", is_default=True, credentials={"host": "127.0.0.1", "port": port})
    one = subscriber("ada@example.com")
    queue_messages(messages=[NewMessage("test:1", one.pk, hello.live_version_id)], now=now)
    sending.drain(workspace=acme, clock=lambda: now)
    sent = Message.objects.get()
    assert (sent.status, sent.account_id) == ("accepted", sender.pk)


class TestUnknown:
    """BI167: a report about nothing of ours changes nothing, and is kept for a look."""

    def test_a_send_id_that_is_not_ours(self, account, message, provider, settle, now):
        sender = account("postmark")
        sent = message(sender)
        stranger = mail_of(sent, now)
        stranger = type(stranger)(sender.pk, "9999", "ada@example.com", now)
        answer = provider(sender).report(SAMPLES["postmark"]["hard_bounce"](stranger))
        assert answer.status_code == 200
        settle()
        self.assert_ignored(sent)

    def test_a_provider_s_id_that_stays_unknown(self, account, message, provider, settle, now):
        sender = account("mailersend")
        sent = message(sender)
        stranger = type(mail_of(sent, now))("", "9999", "ada@example.com", now)
        provider(sender).report(SAMPLES["mailersend"]["hard_bounce"](stranger))
        # it may come before the sender knows the id: it is asked again for a while
        waits = []
        for _attempt in range(3):
            settle(now)
            waiting = InboundDelivery.objects.get()
            assert (waiting.state, waiting.error) == ("waiting", "Its message is not known yet.")
            waits.append((waiting.due_at - now).total_seconds())
            now = waiting.due_at
        assert waits == [15, 60, 300]
        settle(now)
        self.assert_ignored(sent)

    def test_another_recipient_than_the_message_s(self, account, message, provider, settle, now):
        # whoever can post reports must not be able to silence other people's addresses
        sender = account("sendgrid")
        sent, other = message(sender), message(sender, to="bob@example.com")
        report = SAMPLES["sendgrid"]["hard_bounce"](mail_of(sent, now))
        provider(sender).report({**report, "email": "bob@example.com"})
        settle()
        self.assert_ignored(sent)
        other.refresh_from_db()
        assert other.status == "accepted"

    def assert_ignored(self, sent):
        from contacts.models import Suppression

        call = InboundDelivery.objects.get()
        assert call.state == "ignored"
        assert call.error == "It is about a message that was not sent from here."
        sent.refresh_from_db()
        assert (sent.status, sent.bounced_at) == ("accepted", None)
        assert Suppression.objects.count() == 0
        assert Event.objects.filter(type__startswith="message.").count() == 0
