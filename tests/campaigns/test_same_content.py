"""Nobody is sent the same words twice; a journey may repeat them later or for another cart."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import policy, sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.preflight import draft_of
from campaigns.services import save_template
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.journeys.conftest import live, step


def queue(contact, template, now, key, lane=Message.Lane.CAMPAIGN, **more):
    version = template.live_version_id
    queue_messages(messages=[NewMessage(key, contact.pk, version, lane=lane, **more)], now=now)
    return Message.objects.get(send_key=key)


def drain(acme, now):
    sending.drain(workspace=acme, clock=lambda: now)


def state(message):
    message.refresh_from_db()
    return message.status, message.reason


@pytest.fixture
def ada(subscriber):
    return subscriber("ada@example.com")


@pytest.fixture(autouse=True)
def _no_cap(acme):
    acme.cap_messages = 100
    acme.save()


def test_the_same_mail_by_two_campaigns_is_sent_once_for_ever(acme, office, hello, ada, now):
    first = queue(ada, hello, now, "a")
    drain(acme, now)
    later = now + timedelta(days=400)
    second = queue(ada, hello, later, "b")
    drain(acme, later)
    assert (state(first), state(second)) == (("accepted", ""), ("skipped", "same_content"))
    assert second.reason_text == "This person was sent the same mail before."
    assert len(office.taken) == 1


def test_two_in_one_group_are_one(acme, office, hello, ada, now):
    messages = [queue(ada, hello, now, key) for key in "ab"]
    drain(acme, now)
    assert [state(message) for message in messages] == [
        ("accepted", ""),
        ("skipped", "same_content"),
    ]


def test_the_same_words_saved_again_or_copied_are_the_same_content(
    acme, office, hello, mail, ada, now
):
    queue(ada, hello, now, "a")
    drain(acme, now)
    copied = mail("Hello {{ contact.first_name }}", name="Copy", body=hello.body)
    save_template(draft=draft_of(hello), template=hello, now=now)
    hello.refresh_from_db()
    again, copy = queue(ada, hello, now, "b"), queue(ada, copied, now, "c")
    drain(acme, now)
    assert state(again) == state(copy) == ("skipped", "same_content")


@pytest.mark.parametrize(
    "change", [{"subject": "Other"}, {"body": [{"kind": "footer", "settings": {}}]}]
)
def test_a_changed_mail_is_another_content(acme, office, hello, ada, now, change):
    # a newsletter written anew in the same template every week
    from dataclasses import replace

    queue(ada, hello, now, "a")
    drain(acme, now)
    save_template(draft=replace(draft_of(hello), **change), template=hello, now=now)
    hello.refresh_from_db()
    second = queue(ada, hello, now, "b")
    drain(acme, now)
    assert state(second) == ("accepted", "")


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ({"status": "failed"}, "accepted"),
        ({"status": "skipped"}, "accepted"),
        ({"status": "bounced", "sent": True}, "accepted"),
        ({"status": "delivered", "sent": True}, "skipped"),
        ({"status": "in_doubt"}, "skipped"),
        ({"status": "calling"}, "skipped"),
    ],
)
def test_only_what_may_have_arrived_counts(acme, office, hello, ada, now, earlier, expected):
    first = queue(ada, hello, now, "a")
    sent_at = now - timedelta(hours=1) if earlier.get("sent") else None
    Message.objects.filter(pk=first.pk).update(
        status=earlier["status"], sent_at=sent_at, lease_until=now + timedelta(hours=1)
    )
    second = queue(ada, hello, now, "b")
    drain(acme, now)
    assert state(second)[0] == expected


def test_transactional_mail_may_say_the_same_again_and_counts_for_nobody(
    acme, office, hello, ada, now
):
    lanes = [Message.Lane.TRANSACTIONAL, Message.Lane.TRANSACTIONAL, Message.Lane.CAMPAIGN]
    messages = [queue(ada, hello, now, str(n), lane=lane) for n, lane in enumerate(lanes)]
    drain(acme, now)
    assert {state(message) for message in messages} == {("accepted", "")}


def test_somebody_else_gets_it(acme, office, hello, ada, subscriber, now):
    queue(ada, hello, now, "a")
    bob = queue(subscriber("bob@example.com"), hello, now, "b")
    drain(acme, now)
    assert state(bob) == ("accepted", "")


@pytest.mark.parametrize(
    ("key", "days", "expected"),
    [("", 29, "skipped"), ("", 31, "accepted"), ("cart-2", 1, "accepted")],
)
def test_a_journey_repeats_after_thirty_days_or_for_another_cart(
    acme, office, hello, ada, now, key, days, expected
):
    # given a run that had the mail, and another run of the same person
    journey = live(now, step("wait1", "wait", {"amount": 99, "unit": "days"}))
    queue(ada, hello, now, "a", lane=Message.Lane.JOURNEY, journey_id=journey.pk)
    drain(acme, now)
    later = now + timedelta(days=days)
    enrol(journey=journey, contact_ids=[ada.pk], key=key, now=later)
    run = Enrolment.objects.get()
    second = queue(
        ada, hello, later, "b", lane=Message.Lane.JOURNEY,
        journey_id=journey.pk, enrolment_id=run.pk,
    )  # fmt: skip
    drain(acme, later)
    assert state(second)[0] == expected


def test_the_guard_costs_no_statement_of_its_own(acme, hello, ada, now):
    messages = [queue(ada, hello, now, f"{uuid4()}") for _n in range(3)]
    with CaptureQueriesContext(connection) as seen:
        policy.ask(ids=[message.pk for message in messages], workspace=acme, now=now)
    # then one statement locks the people and one has the verdicts, as before
    assert len([each for each in seen if "search_path" not in each["sql"]]) == 2
