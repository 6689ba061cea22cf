"""P15: each report ten times, shuffled, in calls of any size: one effect, the same end."""

import itertools
import random
from datetime import timedelta

import pytest
from django.db import connection

from campaigns.models import Message
from contacts.models import ConsentEntry, Contact, Suppression
from events import reading
from events.models import Event, InboundDelivery

from .conftest import mail_of, state_of
from .samples import SAMPLES

FATES = [
    ["accepted", "delivered", "opened", "clicked"],
    ["delivered", "complained"],
    ["soft_bounce", "hard_bounce", "complained", "delivered"],
    ["accepted", "soft_bounce", "delivered", "opened"],
    ["rejected", "soft_bounce", "unsubscribed"],
]


@pytest.fixture
def story(account, message, now):
    """(account, messages, reports): five messages, everything that became of them, told once."""
    sender = account("sendgrid")
    sent = [message(sender, to=f"p{number}@example.com") for number in range(len(FATES))]
    moments = (now - timedelta(minutes=50) + timedelta(minutes=each) for each in itertools.count())
    reports = [
        SAMPLES["sendgrid"][what](mail_of(row, next(moments)))
        for row, fate in zip(sent, FATES, strict=True)
        for what in fate
    ]
    return sender, sent, reports


def end_of(sent):
    """All that reports may change, as rows."""
    events = Event.objects.filter(type__startswith="message.").order_by("message_id")
    return {
        "messages": state_of([row.pk for row in sent]),
        "events": list(events.values_list("message_id", "type", "occurred_at", "data")),
        "suppressed": list(
            Suppression.objects.order_by("value").values_list("value", "reason", "detail")
        ),
        "consent": list(Contact.objects.order_by("email").values_list("email", "email_consent")),
        "ledger": ConsentEntry.objects.count(),
    }


def told(who, settle, calls):
    """The end of a story told in these calls, and everything undone."""
    savepoint = connection.savepoint()
    for reports in calls:
        assert who.report(*reports).status_code == 200
        if random.Random(len(reports)).random() < 0.5:
            settle()
    settle()
    end = end_of(who.sent)
    assert set(InboundDelivery.objects.values_list("state", flat=True)) == {"done"}
    connection.savepoint_rollback(savepoint)
    return end


def shuffled_calls(reports, seed):
    """Each report ten times, in calls of one to nine reports."""
    dice = random.Random(seed)
    line = reports * 10
    dice.shuffle(line)
    while line:
        size = dice.randint(1, 9)
        yield line[:size]
        line = line[size:]


def test_told_ten_times_in_any_order_it_ends_the_same(story, provider, settle):
    sender, sent, reports = story
    who = provider(sender)
    who.sent = sent

    # given the end when each report comes once, in order
    end = told(who, settle, [[report] for report in reports])
    assert [row["status"] for row in end["messages"]] == [
        "delivered", "complained", "complained", "bounced", "bounced"
    ]  # fmt: skip
    assert [row["reason"] for row in end["messages"]] == [
        "", "complained", "complained", "soft_bounce", "rejected"
    ]  # fmt: skip
    # two were only accepted; all others are in the log, once each
    assert len(end["events"]) == len(reports) - 2
    assert end["suppressed"] == [
        ("p1@example.com", "complained", ""),
        ("p2@example.com", "complained", ""),
    ]
    assert end["ledger"] == 3

    # then no order, repetition or grouping leads elsewhere
    assert told(who, settle, [reports[::-1]]) == end
    for seed in range(6):
        assert told(who, settle, shuffled_calls(reports, seed)) == end, seed


def test_a_call_that_comes_ten_times_is_stored_once(story, provider, settle):
    sender, _sent, reports = story
    who = provider(sender)
    made = who.sign(*reports)
    for _each in range(10):
        assert who.send(made).status_code == 200
    assert InboundDelivery.objects.count() == 1
    settle()
    assert Event.objects.filter(type__startswith="message.").count() == len(reports) - 2


def test_what_was_read_may_be_read_again(story, provider, settle, now):
    # given a worker that died after its work and before it said so
    sender, sent, reports = story
    provider(sender).report(*reports)
    settle()
    end = end_of(sent)
    InboundDelivery.objects.update(state="waiting", due_at=now)

    settle()

    assert end_of(sent) == end


def test_somebody_who_came_back_is_not_unsubscribed_by_an_old_report(
    account, message, provider, settle, now
):
    # given somebody who unsubscribed at the provider, and subscribed again later
    from contacts.consent import record_consent

    sender = account("sendgrid")
    sent = message(sender)
    report = SAMPLES["sendgrid"]["unsubscribed"](mail_of(sent, now))
    provider(sender).report(report)
    settle()
    ids = [sent.contact_id]
    record_consent(contact_ids=ids, action="subscribed", source="form", now=now)

    # when the provider tells it once more, in another call
    provider(sender).report(report, SAMPLES["sendgrid"]["delivered"](mail_of(sent, now)))
    settle()

    assert Contact.objects.get().email_consent == "subscribed"


def test_a_second_drain_waits_for_the_first(story, provider, now, monkeypatch):
    # given one drain that holds the turn
    sender, _sent, reports = story
    provider(sender).report(*reports)
    monkeypatch.setattr(reading, "take_turn", lambda name: False)

    # then another reads nothing, and leaves all as it is
    assert reading.drain_inbound(now=now).done == 0
    assert InboundDelivery.objects.get().state == "waiting"
    assert set(Message.objects.values_list("status", flat=True)) == {"accepted"}
