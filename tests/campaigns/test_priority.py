"""When the cap has room for one more, the more important message takes it."""

from datetime import timedelta

import pytest

from campaigns import sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tests.journeys.conftest import live, step

WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _one_a_week(acme):
    acme.cap_messages, acme.cap_days = 1, 7
    acme.save()


@pytest.fixture
def ada(subscriber):
    return subscriber("ada@example.com")


def run_of(contact, priority, now):
    """A run of the contact in a journey of this priority."""
    rules = {"settings": {"priority": priority}} if priority else {}
    wait = step("rest", "wait", {"amount": 60, "unit": "days"})
    journey = live(now, wait, name=f"Journey {priority}", **rules)
    enrol(journey=journey, contact_ids=[contact.pk], now=now)
    return Enrolment.objects.get(journey=journey)


def queue(contact, template, now, priority=None, **more):
    """A waiting message of a journey of this priority; of a campaign without one."""
    lane = Message.Lane.CAMPAIGN
    if priority is not None:
        run = run_of(contact, priority, now)
        lane = Message.Lane.JOURNEY
        more |= {"enrolment_id": run.pk, "journey_id": run.journey_id}
    key = f"{priority}:{template.pk}"
    message = NewMessage(key, contact.pk, template.live_version_id, lane=lane, **more)
    queue_messages(messages=[message], now=now)
    return Message.objects.get(send_key=key)


def drain(acme, now):
    sending.drain(workspace=acme, clock=lambda: now)


def state(message):
    message.refresh_from_db()
    return message.status, message.reason


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_most_important_of_all_that_wait_goes(acme, office, mail, ada, now, order):
    # given a message of each priority and of a campaign, queued in any order
    kinds = ["high", "normal", "low", None]
    queued = {n: queue(ada, mail(f"News {n}"), now, kinds[n]) for n in order}
    messages = [queued[n] for n in range(4)]
    # when the lane is drained, and once more when they have stood back
    drain(acme, now)
    drain(acme, now + MINUTE)

    # then the high one went, and the others wait for the window, as ever
    assert [state(message) for message in messages] == [
        ("accepted", ""),
        *[("deferred", "frequency_cap")] * 3,
    ]
    assert {message.due_at for message in messages[1:]} == {now + WEEK}
    # and week by week the next one goes
    for week, number in [(1, 1), (2, 2), (3, 3)]:
        then = now + week * WEEK + week * MINUTE * 2
        Message.objects.filter(sent_at=None).update(due_at=then, queued_at=then)
        drain(acme, then)
        drain(acme, then + MINUTE)
        assert [state(message)[0] for message in messages[: number + 1]] == ["accepted"] * (
            number + 1
        )
    assert len(office.taken) == 4


def test_a_missing_priority_is_normal_and_equals_go_as_they_came(acme, office, mail, ada, now):
    first = queue(ada, mail("First"), now, "normal")
    second = queue(ada, mail("Second"), now, "")
    drain(acme, now)
    assert sorted([state(first), state(second)]) == [
        ("accepted", ""),
        ("deferred", "frequency_cap"),
    ]


def test_one_stands_back_with_its_reason_while_the_other_is_about_to_go(
    acme, office, mail, ada, now
):
    # given an important message that is due in half a minute
    high = queue(ada, mail("High"), now, "high")
    low = queue(ada, mail("Low"), now, "low")
    Message.objects.filter(pk=high.pk).update(due_at=now + timedelta(seconds=30))
    drain(acme, now)
    # then the other one waits a minute and says why
    assert state(low) == ("deferred", "outranked")
    assert low.due_at == now + MINUTE
    assert low.reason_text == (
        "A more important message to this person goes first; this one waits for it."
    )
    assert office.taken == []


@pytest.mark.parametrize("fate", ["later", "left", "sent to somebody else"])
def test_nobody_waits_for_a_message_that_does_not_go(
    acme, office, mail, subscriber, ada, now, fate
):
    # given an important message that is due tomorrow, whose run was left, or another's
    reader = subscriber("bob@example.com") if fate.startswith("sent") else ada
    high = queue(reader, mail("High"), now, "high")
    low = queue(ada, mail("Low"), now, "low")
    if fate == "later":
        Message.objects.filter(pk=high.pk).update(due_at=now + timedelta(days=1))
    if fate == "left":
        Enrolment.objects.filter(pk=high.enrolment_id).update(
            exit_reason="removed", ended_at=now + timedelta(seconds=1), status="exited"
        )
    drain(acme, now)
    drain(acme, now + MINUTE)
    # then the other one goes
    assert state(low) == ("accepted", "")


def test_where_the_cap_has_room_for_all_nobody_stands_back(acme, office, mail, ada, now):
    acme.cap_messages = 2
    acme.save()
    messages = [queue(ada, mail(name), now, name) for name in ("low", "high")]
    drain(acme, now)
    assert [state(message) for message in messages] == [("accepted", "")] * 2


def test_what_people_asked_for_waits_for_nothing(acme, office, mail, ada, now):
    queue(ada, mail("High"), now, "high")
    receipt = queue(ada, mail("Receipt"), now)
    Message.objects.filter(pk=receipt.pk).update(lane=Message.Lane.TRANSACTIONAL)
    drain(acme, now)
    assert state(receipt) == ("accepted", "")
