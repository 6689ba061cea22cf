"""People who ignored their last campaigns come into a journey: once a streak, and only asleep."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign, Message
from contacts.models import Contact
from journeys.contracts import entries
from journeys.engine import next_due
from journeys.models import Enrolment, LiveEntry
from journeys.timed import let_in_due
from tests.journeys.conftest import DAY, live, settle, step

EXIT = step("exit1", "exit")
WAIT = step("wait1", "wait", {"amount": 1, "unit": "days"})


def publish(now, last=3, steps=(WAIT,), **config):
    entry = {"kind": "campaigns_unopened", "config": {"last": last, "days": 2, **config}}
    return live(now, *steps, entries=[entry], settings={"re_entry": "always"})


def look(at):
    """Ask whenever it is due, up to then; the names of those who are in."""
    while (due := LiveEntry.objects.values_list("due_at", flat=True).get()) and due <= at:
        let_in_due(now=max(due, at - DAY))
    runs = Enrolment.objects.order_by("started_at", "pk")
    return list(runs.values_list("contact__first_name", "key", "started_at"))


@pytest.fixture
def sent(hello):
    """`sent(ada, at)`: a campaign's mail to her, delivered at that moment."""

    def make(contact, at, lane=2, **changed):
        campaign = Campaign.objects.create(name="News", template=hello, status="sent")
        fields = {"status": "delivered", "campaign_id": campaign.pk if lane == 2 else None}
        return Message.objects.create(
            send_key=f"k{Message.objects.count()}", contact=contact, lane=lane, sent_at=at,
            template_version=hello.live_version, to_address=contact.email,
            **{**fields, **changed},
        )  # fmt: skip

    return make


@pytest.fixture
def ada(subscriber, now):
    return subscriber("ada@example.com", first_name="Ada", created_at=now - 100 * DAY)


def test_after_the_nth_has_lain_long_enough_they_come_in_once(sent, ada, now):
    # given three campaigns ignored, and a fourth and a fifth
    publish(now)
    first, *_rest = [sent(ada, now + n * DAY) for n in (1, 2, 3)]
    assert look(now + 5 * DAY - timedelta(seconds=1)) == []

    # then their moment is two days after the third
    expected = [("Ada", f"since:{first.pk}", now + 5 * DAY)]
    assert look(now + 5 * DAY) == expected
    for days in (6, 7):
        sent(ada, now + days * DAY)
    assert look(now + 20 * DAY) == expected
    assert Enrolment.objects.get().context == {"campaigns": 3}


def test_whoever_wakes_up_begins_a_new_streak(sent, ada, now):
    # given a streak, an open, and another streak
    publish(now, steps=(EXIT,))
    for days in (1, 2, 3):
        sent(ada, now + days * DAY)
    look(now + 5 * DAY)
    settle(now + 5 * DAY)
    sent(ada, now + 6 * DAY, opened_at=now + 6 * DAY)
    again, *_rest = [sent(ada, now + days * DAY) for days in (7, 8, 9)]
    found = look(now + 12 * DAY)
    assert [(key, at) for _name, key, at in found][1:] == [(f"since:{again.pk}", now + 11 * DAY)]


@pytest.mark.parametrize("what", ["opened", "journey", "visit", "bounced", "few"])
def test_who_is_awake_or_got_too_few_stays_out(sent, ada, now, what):
    publish(now)
    messages = [sent(ada, now + n * DAY) for n in (1, 2, 3)]
    if what == "opened":  # in time, before the patience was over
        Message.objects.filter(pk=messages[2].pk).update(opened_at=now + 4 * DAY)
    if what == "journey":
        sent(ada, now + DAY, lane=1, opened_at=now + 3 * DAY)
    if what == "visit":
        Contact.objects.update(last_seen_at=now + 1.5 * DAY)
    if what == "bounced":
        Message.objects.filter(pk=messages[0].pk).update(status="bounced")
    if what == "few":
        messages[0].delete()
    assert look(now + 9 * DAY) == []


def test_a_machine_wakes_nobody(sent, ada, now):
    publish(now)
    for days in (1, 2, 3):
        sent(ada, now + days * DAY, machine_opened_at=now + days * DAY)
    sent(ada, now + 2 * DAY, lane=0, opened_at=now + 4 * DAY)  # a receipt is no sign either
    assert len(look(now + 6 * DAY)) == 1


@pytest.mark.parametrize(("backlog", "expected"), [(False, 0), (True, 1)])
def test_those_who_fell_asleep_before_come_in_when_asked_for(sent, ada, now, backlog, expected):
    for days in range(10, 15):
        sent(ada, now - days * DAY)
    publish(now, backlog=backlog)
    assert len(look(now)) == expected


def test_it_is_asked_again_when_somebody_s_moment_comes(sent, ada, now):
    publish(now)
    # with nothing sent, what is sent from now on is ripe after the patience at the earliest
    look(now)
    assert LiveEntry.objects.get().due_at == now + 2 * DAY
    sent(ada, now + DAY + timedelta(minutes=7))
    look(now + 2 * DAY)
    assert LiveEntry.objects.get().due_at == now + 3 * DAY + timedelta(minutes=15)
    assert next_due() == LiveEntry.objects.get().due_at


def test_it_is_told_in_words():
    entry = entries.get("campaigns_unopened")
    assert entry.summary({"last": 5}) == "When the last 5 campaigns were left unopened"
    for config in ({}, {"last": 0}, {"last": 51}, {"last": 5, "days": 0}):
        assert not entry.form(data=config).is_valid()


def test_globex_lets_nobody_of_acme_in(sent, ada, globex, now):
    from django_tenants.utils import tenant_context

    for days in (1, 2, 3):
        sent(ada, now + days * DAY)
    with tenant_context(globex):
        publish(now)
        assert look(now + 9 * DAY) == []
