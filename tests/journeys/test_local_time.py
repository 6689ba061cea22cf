"""Wall-clock waits: exactly once, at the stated moment, in every zone on every day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from contacts.models import Contact
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.local_time import moment_of, next_moment
from tests.journeys.conftest import live, path_of, run_of, step

ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix", "right")))


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        # BI231: skipped, so moved forward by the gap
        (date(2026, 3, 8), time(2, 30), "America/New_York", "2026-03-08T07:30"),
        # BI232: comes twice, the first counts
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),
        # BI236: a day that begins at 01:00
        (date(2018, 11, 4), time(0, 0), "America/Sao_Paulo", "2018-11-04T03:00"),
        # half an hour of change, and none
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:45"),
        (date(2026, 11, 20), time(9, 0), "Europe/Rome", "2026-11-20T08:00"),
    ],
)
def test_the_rule_for_skipped_and_double_times(day, at, zone, utc):
    assert moment_of(day, at, ZoneInfo(zone)) == datetime.fromisoformat(utc + "+00:00")


def test_a_moment_that_has_just_come_counts():
    rome = ZoneInfo("Europe/Rome")
    nine = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert next_moment(nine, time(9), rome) == nine
    assert next_moment(nine + timedelta(seconds=1), time(9), rome) == nine + timedelta(days=1)
    # Friday at nine, but only on Mondays
    assert next_moment(nine, time(9), rome, [0]) == nine + timedelta(days=3)


@hypothesis_settings(max_examples=400, deadline=timedelta(seconds=5))
@given(
    zone=some.sampled_from(ZONES).map(ZoneInfo),
    after=some.integers(631_152_000, 2_114_380_800).map(lambda at: datetime.fromtimestamp(at, UTC)),
    at=some.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
def test_waits_come_within_two_days_and_never_twice(zone, after, at):
    # when somebody waits, goes on, and waits for the next day's
    first = next_moment(after, at, zone)
    second = next_moment(first + timedelta(microseconds=1), at, zone)

    # then each is soon, and they are different days there
    assert after <= first < after + timedelta(hours=49)
    assert first < second < first + timedelta(hours=49)
    days = {moment.astimezone(zone).date() for moment in (first, second)}
    assert len(days) == 2 or second - first > timedelta(hours=20)


TRANSITIONS = some.tuples(
    some.sampled_from(ZONES), some.integers(1990, 2036), some.integers(0, 23), some.integers(0, 59)
)


@hypothesis_settings(max_examples=60, deadline=timedelta(seconds=20))
@given(TRANSITIONS)
def test_every_day_of_a_year_has_its_moment_once(case):
    # given a zone, a year and a time of day
    name, year, hour, minute = case
    zone, at = ZoneInfo(name), time(hour, minute)
    begin = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)

    # when somebody waits for it day after day from the first of January to the last of December
    moments, moment = [], begin
    while moment < begin + timedelta(days=360):
        moment = next_moment(moment, at, zone)
        moments.append(moment)
        moment += timedelta(microseconds=1)

    # then each day had one, on the minute unless the clocks skipped it
    assert 358 <= len(moments) <= 362
    assert len(set(moments)) == len(moments)
    exact = [m for m in moments if m.astimezone(zone).time().replace(second=0) == at]
    assert len(exact) >= len(moments) - 4


def test_everyone_waits_in_their_own_zone(acme, now):
    # given people in New York, in Tokyo, in a zone that does not exist, and in none
    zones = ["America/New_York", "Asia/Tokyo", "../../etc/passwd", ""]
    people = [
        Contact.objects.create(email=f"p{n}@x.example", timezone=z) for n, z in enumerate(zones)
    ]
    journey = live(now, step("until1", "wait_until", {"at": "09:00:00"}))

    # when they wait from Friday noon UTC for nine o'clock
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=now)
    advance(now=now)

    # then New York's has yet to come today, Tokyo's is tomorrow, the others follow the workspace
    dues = [run_of(each).due_at.isoformat()[:16] for each in people]
    assert dues == ["2026-11-20T14:00", "2026-11-21T00:00", "2026-11-21T08:00", "2026-11-21T08:00"]


def test_who_moves_to_another_zone_meanwhile_is_not_moved_on_twice(ada, now):
    # given Ada in Tokyo, waiting for nine
    Contact.objects.filter(pk=ada.pk).update(timezone="Asia/Tokyo")
    journey = live(
        now,
        step("until1", "wait_until", {"at": "09:00:00"}),
        step("wait1", "wait", {"amount": 5, "unit": "days"}),
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    advance(now=now)
    due = run_of(ada).due_at

    # when she has moved to New York by then, where that nine has passed since she began to wait
    Contact.objects.filter(pk=ada.pk).update(timezone="America/New_York")
    advance(now=due)

    # then she goes on once
    assert path_of(ada) == [("until1", "next")]
    assert run_of(ada).step_id == "wait1"
