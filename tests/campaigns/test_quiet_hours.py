"""Marketing waits for the end of the quiet hours where the person is, once, on any day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from campaigns import sending
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from contacts.models import Contact
from core.errors import Invalid
from journeys import services
from journeys.enrolment import enrol
from journeys.models import Enrolment
from journeys.moments import zone_join, zone_parameters
from journeys.quiet import is_quiet_sql, quiet_end_sql
from journeys.rules import SettingsForm
from tests.journeys.conftest import live, step
from tests.journeys.test_moments import CHANGES, agreed

ASK = f"""
    SELECT {is_quiet_sql("(given.at AT TIME ZONE zone.name)::time", "given.begins", "given.ends")},
           {quiet_end_sql("given.at", "given.ends")}
      FROM (SELECT * FROM unnest(%(moments)s::timestamptz[], %(begins)s::time[], %(ends)s::time[],
                                 %(names)s::text[])
              WITH ORDINALITY AS given (at, begins, ends, timezone, number)) AS given
      {zone_join("given")} ORDER BY given.number"""


def ask(cases):
    """For each (moment, from, until, zone): whether it is quiet, and when that would end."""
    moments, begins, ends, names = map(list, zip(*cases, strict=True))
    given = {"moments": moments, "begins": begins, "ends": ends, "names": names}
    with connection.cursor() as cursor:
        cursor.execute(ASK, given | zone_parameters("UTC"))
        return cursor.fetchall()


def is_quiet(at, begins, ends, name):
    """The wall clock itself, as Python reads it."""
    wall = at.astimezone(ZoneInfo(name)).time()
    return begins <= wall < ends if begins < ends else wall >= begins or wall < ends


def send_moment(cases):
    """When a message asked about at that moment leaves, by asking again whenever told to."""
    rounds = 0
    waiting = dict(enumerate(cases))
    left = {}
    while waiting:
        rounds += 1
        assert rounds <= 4, waiting
        for number, (quiet, end) in zip(list(waiting), ask(list(waiting.values())), strict=True):
            at, *rest = waiting[number]
            if quiet:
                assert end > at
                waiting[number] = (end, *rest)
            else:
                left[number] = waiting.pop(number)[0]
    return [left[number] for number in range(len(cases))]


NIGHTS = [(time(21), time(8)), (time(0), time(7)), (time(23, 30), time(2, 30)), (time(2), time(3))]


def test_around_every_change_of_clocks_nobody_is_written_to_at_night(acme):
    # given moments around every change of the clocks there is, and several nights
    cases = [
        (change + timedelta(minutes=minutes), *night, name)
        for number, (name, change) in enumerate(agreed(CHANGES))
        for minutes in (-600, -61, -1, 0, 29, 61, 600)
        for night in [NIGHTS[number % len(NIGHTS)]]
    ]
    assert len(cases) > 2000
    # then each is sent once, never in a quiet hour, never early, and at once when it may be
    for case, sent in zip(cases, send_moment(cases), strict=True):
        assert not is_quiet(sent, *case[1:]), case
        assert (sent == case[0]) == (not is_quiet(*case)), case
        assert case[0] <= sent <= case[0] + timedelta(hours=25), case


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    change=some.sampled_from(CHANGES),
    minutes=some.integers(-26 * 60, 26 * 60),
    hours=some.tuples(some.integers(0, 95), some.integers(0, 95)).filter(lambda h: h[0] != h[1]),
)
def test_whatever_the_hours_it_leaves_outside_of_them(acme, change, minutes, hours):
    if not agreed([change]):
        return
    name, moment = change
    begins, ends = (time(quarter // 4, quarter % 4 * 15) for quarter in hours)
    case = (moment + timedelta(minutes=minutes), begins, ends, name)
    [sent] = send_moment([case])
    assert not is_quiet(sent, begins, ends, name)
    assert (sent == case[0]) == (not is_quiet(*case))


@pytest.mark.parametrize(
    ("at", "zone", "end"),
    [
        # noon in Rome; 23:00 and 07:59 there
        ("2026-11-20T11:00", "Europe/Rome", None),
        ("2026-11-20T22:00", "Europe/Rome", "2026-11-21T07:00"),
        ("2026-11-21T06:59", "Europe/Rome", "2026-11-21T07:00"),
        ("2026-11-21T07:00", "Europe/Rome", None),
        # the night in which the clocks go forward, and back
        ("2026-03-28T22:00", "Europe/Rome", "2026-03-29T06:00"),
        ("2026-10-24T22:00", "Europe/Rome", "2026-10-25T07:00"),
        # the same noon is night in Los Angeles
        ("2026-11-20T11:00", "America/Los_Angeles", "2026-11-20T16:00"),
    ],
)
def test_the_night_from_nine_to_eight(acme, at, zone, end):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    [(quiet, until)] = ask([(moment, time(21), time(8), zone)])
    assert quiet is (end is not None)
    assert not quiet or until == datetime.fromisoformat(end).replace(tzinfo=UTC)


# --- messages


@pytest.fixture
def ada(subscriber):
    return subscriber("ada@example.com")


@pytest.fixture
def siesta(acme):
    """Acme is quiet from noon to three where the person is, and Acme is in Rome: it is 13:00."""
    acme.quiet_from, acme.quiet_until = time(12), time(15)
    acme.save()


def queue(contact, template, now, key="one", lane=Message.Lane.CAMPAIGN, **more):
    version = template.live_version_id
    queue_messages(messages=[NewMessage(key, contact.pk, version, lane=lane, **more)], now=now)
    return Message.objects.get(send_key=key)


def drain(acme, now):
    sending.drain(workspace=acme, clock=lambda: now)


def state(message):
    message.refresh_from_db()
    return message.status, message.reason


def of_journey(contact, template, now, key="journey", **rules):
    wait = step("rest", "wait", {"amount": 60, "unit": "days"})
    journey = live(now, wait, settings=rules)
    enrol(journey=journey, contact_ids=[contact.pk], now=now)
    run = Enrolment.objects.get(journey=journey)
    return queue(
        contact, template, now, key=key, lane=Message.Lane.JOURNEY,
        enrolment_id=run.pk, journey_id=journey.pk,
    )  # fmt: skip


def test_a_campaign_waits_until_they_are_over_and_goes_once(acme, siesta, office, hello, ada, now):
    message = queue(ada, hello, now)
    drain(acme, now)
    assert state(message) == ("deferred", "quiet_hours")
    assert message.reason_text == (
        "It is in this person's quiet hours; the message waits until they are over."
    )
    three = now + timedelta(hours=2)
    assert message.due_at == three
    for moment in (three - timedelta(seconds=1), three, three + timedelta(hours=1)):
        drain(acme, moment)
    assert (state(message), message.sent_at) == (("accepted", ""), three)
    assert len(office.taken) == 1


@pytest.mark.parametrize(
    ("zone", "waits"),
    [("", True), ("Europe/Rome", True), ("Asia/Tokyo", False), ("Mars/Olympus", True)],
)
def test_the_clock_is_the_person_s_or_else_the_workspace_s(
    acme, siesta, office, hello, ada, now, zone, waits
):
    Contact.objects.filter(pk=ada.pk).update(timezone=zone)
    message = queue(ada, hello, now)
    drain(acme, now)
    assert state(message)[0] == ("deferred" if waits else "accepted")


def test_what_people_asked_for_goes_at_any_hour(acme, siesta, office, hello, ada, now):
    message = queue(ada, hello, now, lane=Message.Lane.TRANSACTIONAL)
    drain(acme, now)
    assert state(message) == ("accepted", "")


@pytest.mark.parametrize(
    ("rules", "due"),
    [
        ({}, 2),
        ({"quiet": "", "quiet_from": "22:00", "quiet_until": "08:00"}, 2),
        ({"quiet": "none"}, 0),
        ({"quiet": "own", "quiet_from": "13:00", "quiet_until": "18:30"}, 5.5),
        ({"quiet": "own", "quiet_from": "22:00", "quiet_until": "08:00"}, 0),
    ],
)
def test_a_journey_may_have_hours_of_its_own(acme, siesta, office, hello, ada, now, rules, due):
    message = of_journey(ada, hello, now, **rules)
    drain(acme, now)
    expected = ("deferred", "quiet_hours") if due else ("accepted", "")
    assert (state(message), message.due_at) == (expected, now + timedelta(hours=due))


def test_a_journey_s_own_hours_need_none_of_the_workspace(acme, office, hello, ada, now):
    own = {"quiet": "own", "quiet_from": "13:00", "quiet_until": "18:30"}
    message = of_journey(ada, hello, now, **own)
    drain(acme, now)
    assert message.due_at == now
    assert state(message) == ("deferred", "quiet_hours")


def test_what_is_too_late_after_the_night_is_dropped(acme, siesta, office, hello, ada, now):
    message = queue(ada, hello, now, expires_at=now + timedelta(hours=1))
    drain(acme, now)
    drain(acme, now + timedelta(hours=2))
    assert state(message) == ("skipped", "expired")
    assert message.reason_text == "Its “do not send after” time had passed."


# --- settings


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quiet": "own"}, "quiet_from"),
        ({"quiet": "own", "quiet_from": "21:00"}, "quiet_from"),
        ({"quiet": "own", "quiet_from": "21:00", "quiet_until": "21:00"}, "quiet_from"),
        ({"quiet": "own", "quiet_from": "25:00", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet": "always"}, "quiet"),
    ],
)
def test_a_journey_s_hours_that_are_none_are_refused(acme, now, given, field):
    assert field in SettingsForm(given).errors
    with pytest.raises(Invalid) as refusal:
        live(now, step("rest", "wait", {"amount": 1, "unit": "days"}), settings=given)
    assert ("invalid_settings", "settings") in [
        (each.code, each.field) for each in refusal.value.problems
    ]


def test_hours_of_the_journey_go_when_they_are_not_its_own(acme, now):
    given = {"quiet": "none", "quiet_from": "21:00", "quiet_until": "08:00"}
    journey = live(now, step("rest", "wait", {"amount": 1, "unit": "days"}), settings=given)
    settings = journey.live_version.definition["settings"]
    assert settings["quiet"] == "none"
    assert "quiet_from" not in settings
    assert services.draft_problems(journey) == []
