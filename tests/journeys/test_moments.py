"""P21 in SQL: a wall-clock moment of the database is the one of local_time, once a day."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from contacts.models import Contact
from core.ids import uuid7
from journeys.local_time import moment_of
from journeys.moments import Scope, moment_sql, next_moment_sql, zone_join

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CLOCK = f"""
    FROM (SELECT * FROM unnest(%(dates)s::timestamptz[], %(days)s::date[], %(times)s::time[],
                               %(names)s::text[])
              WITH ORDINALITY AS given (after, day, at, timezone, number)) AS given
    {zone_join("given")} ORDER BY given.number"""
ASK = f"SELECT {moment_sql('given.day', 'given.at')} {CLOCK}"
ASK_NEXT = f"SELECT {next_moment_sql('given.after', 'given.at')} {CLOCK}"


def ask(statement, cases):
    """The database's answer to each (day or moment, time, zone)."""
    firsts, times, names = map(list, zip(*cases, strict=True))
    scope = Scope(BEGIN, BEGIN, BEGIN, uuid7(), ZoneInfo("UTC"))
    given = {"dates": firsts, "days": firsts, "times": times, "names": names}
    with connection.cursor() as cursor:
        cursor.execute(statement, given | scope.parameters)
        return [row[0] for row in cursor.fetchall()]


def changes(name, begin, end):
    """The moments in between when the clocks of the zone change, to the minute."""
    zone, found = ZoneInfo(name), []
    at = begin
    while at < end:
        later = at + timedelta(days=1)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at = later
    return found


def years_of_changes():
    """(zone, a moment of change) of every zone, each in one year by turns."""
    found = []
    for number, name in enumerate(sorted(available_timezones())):
        year = 2015 + number % 10
        begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        found += [(name, at) for at in changes(name, begin, end)]
    return found


def agreed(some_changes):
    """Those of which the time zone data of the database and of Python say the same."""
    cases = [
        (at + timedelta(hours=hours), time(0), name)
        for name, at in some_changes
        for hours in (-30, -2, -1, 0, 1, 2)
    ]
    clocks = f"SELECT given.after AT TIME ZONE zone.name {CLOCK}"
    differing = {
        name
        for (at, _time, name), local in zip(cases, ask(clocks, cases), strict=True)
        if local != at.astimezone(ZoneInfo(name)).replace(tzinfo=None)
    }
    # Of two editions of the same data a few zones differ, such as Moldova's.
    assert len(differing) <= 8, differing
    return [(name, at) for name, at in some_changes if name not in differing]


CHANGES = years_of_changes()


def test_every_gap_and_fold_day_has_the_moment_of_the_rule(acme):
    # given each quarter of an hour around every change of the clocks there is
    cases = []
    for name, change in agreed(CHANGES):
        local = change.astimezone(ZoneInfo(name)).replace(tzinfo=None)
        for quarters in (-9, -8, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 9, 24):
            wall = local.replace(second=0, microsecond=0) + timedelta(minutes=15 * quarters)
            cases.append((wall.date(), wall.time(), name))
    assert len(cases) > 5000

    # then the database and the rule agree on all
    wrong = [
        (case, moment)
        for case, moment in zip(cases, ask(ASK, cases), strict=True)
        if moment != moment_of(case[0], case[1], ZoneInfo(case[2]))
    ]
    assert wrong == []


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    change=some.sampled_from(CHANGES),
    at=some.times().map(lambda at: at.replace(second=0, microsecond=0)),
    looks=some.lists(some.integers(0, 14 * 24 * 60), min_size=1, max_size=12),
)
def test_however_the_looks_fall_each_day_comes_once(acme, change, at, looks):
    # given two weeks around a change, cut into half-open stretches anywhere
    name, moment = change
    if not agreed([change]):
        return
    begin = moment - timedelta(days=7)
    cuts = sorted({begin + timedelta(minutes=each) for each in looks} | {begin})
    cuts.append(begin + timedelta(days=14))
    first = begin.astimezone(ZoneInfo(name)).date()
    days = [first + timedelta(days=n) for n in range(2, 12)]

    # when each day's moment is looked for in every stretch
    moments = ask(ASK, [(day, at, name) for day in days])
    hits = [sum(since < each <= until for since, until in pairwise(cuts)) for each in moments]

    # then it is found once, and days keep their order
    assert hits == [1] * len(days)
    assert moments == sorted(set(moments))
    assert moments == [moment_of(day, at, ZoneInfo(name)) for day in days]


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        (date(2026, 3, 8), time(2, 30), "America/New_York", "2026-03-08T07:30"),
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),
        (date(2018, 11, 4), time(0, 0), "America/Sao_Paulo", "2018-11-04T03:00"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:45"),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45"),
        (date(2026, 11, 20), time(9, 0), "Europe/Rome", "2026-11-20T08:00"),
    ],
)
def test_the_rule_for_skipped_and_double_times(acme, day, at, zone, utc):
    assert ask(ASK, [(day, at, zone)]) == [datetime.fromisoformat(utc + "+00:00")]


@pytest.mark.parametrize(
    ("after", "moment"),
    [
        ("2026-11-20T07:59", "2026-11-20T08:00"),
        ("2026-11-20T08:00", "2026-11-20T08:00"),
        ("2026-11-20T08:01", "2026-11-21T08:00"),
        # the clocks go back in the night
        ("2026-10-24T08:00", "2026-10-25T08:00"),
        ("2026-10-24T07:00", "2026-10-24T07:00"),
    ],
)
def test_the_next_nine_o_clock(acme, after, moment):
    found = ask(ASK_NEXT, [(datetime.fromisoformat(after + "+00:00"), time(9), "Europe/Rome")])
    assert found == [datetime.fromisoformat(moment + "+00:00")]


def test_a_zone_that_the_database_does_not_know_is_the_workspace_s(acme, now):
    names = ["Asia/Tokyo", "", "Mars/Olympus", "../../etc/passwd", "CET"]
    for number, name in enumerate(names):
        Contact.objects.create(email=f"p{number}@example.com", timezone=name)
    scope = Scope(now, now, now, uuid7(), ZoneInfo("Europe/Rome"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT zone.name FROM {Contact._meta.db_table} AS contact {zone_join('contact')}"
            " ORDER BY contact.email",
            scope.parameters,
        )
        found = [row[0] for row in cursor.fetchall()]
    assert found == ["Asia/Tokyo", *["Europe/Rome"] * 3, "Europe/Brussels"]
