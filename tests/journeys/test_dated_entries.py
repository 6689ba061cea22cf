"""Entries that a date opens: not seen for a while, and the day in a field."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Contact, ContactField
from journeys.config_forms import clean_config
from journeys.contracts import entries
from journeys.models import Enrolment, LiveEntry
from journeys.timed import let_in_due
from tests.journeys.conftest import DAY, HOUR, live, step

EXIT = step("exit1", "exit")
ALWAYS = {"re_entry": "always"}


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def person(acme, now):
    def make(name, **values):
        return Contact.objects.create(first_name=name, created_at=now - 900 * DAY, **values)

    return make


def look(at):
    """Ask at that moment until nothing is due."""
    LiveEntry.objects.update(due_at=at)
    while let_in_due(now=at):
        pass


def inside():
    """(name, key, start) of every run, by start."""
    runs = Enrolment.objects.order_by("started_at", "contact__first_name")
    return list(runs.values_list("contact__first_name", "key", "started_at"))


# --- not seen


def not_seen(now, **config):
    entry = {"kind": "not_seen", "config": {"days": 60, "at": "09:00:00", **config}}
    return live(now, EXIT, entries=[entry], settings=ALWAYS)


def test_sixty_days_after_somebody_was_last_seen_at_nine_their_time(person, now):
    # given people last seen 60 days ago tomorrow: at 07:30 in Rome, and in New York
    seen = now + DAY - 60 * DAY
    person("Rome", last_seen_at=seen.replace(hour=6, minute=30))
    person("New York", last_seen_at=seen.replace(hour=6, minute=30), timezone="America/New_York")
    person("Never")
    person("Long ago", last_seen_at=now - 80 * DAY)
    not_seen(now)

    # when it is asked before, then on the day
    look(now + HOUR)
    assert inside() == []
    look(now + 2 * DAY)

    # then each came in at nine where they are, on that day
    assert inside() == [
        ("Rome", "2026-09-22", utc(2026, 11, 21, 8)),
        ("New York", "2026-09-22", utc(2026, 11, 21, 14)),
    ]
    assert Enrolment.objects.first().context["last_seen_at"].startswith("2026-09-22T")

    # and nobody twice for the same absence
    look(now + 3 * DAY)
    assert Enrolment.objects.count() == 2


def test_who_came_back_counts_from_then(person, now):
    ada = person("Ada", last_seen_at=now - 59 * DAY)
    not_seen(now)
    Contact.objects.filter(pk=ada.pk).update(last_seen_at=now + HOUR)
    look(now + 5 * DAY)
    assert inside() == []
    look(now + 62 * DAY)
    assert [key for _name, key, _at in inside()] == ["2026-11-20"]


def test_those_who_stayed_away_before_come_in_when_asked_for(person, now):
    person("Long ago", last_seen_at=now - 200 * DAY)
    not_seen(now, backlog=True)
    look(now + HOUR)
    assert [(name, key) for name, key, _at in inside()] == [("Long ago", "2026-05-04")]


# --- the date of a field


@pytest.fixture
def birthday(acme):
    return ContactField.objects.create(key="birthday", label="Birthday", type="date")


def dated(now, **config):
    wanted = {"field": "birthday", "yearly": True, "days_before": 0, "at": "09:00:00", **config}
    return live(now, EXIT, entries=[{"kind": "field_date", "config": wanted}], settings=ALWAYS)


def test_a_birthday_comes_every_year_at_nine_their_time(birthday, person, now):
    person("Ada", fields={"birthday": "1990-11-22"})
    person("Yuki", fields={"birthday": "1985-11-22"}, timezone="Asia/Tokyo")
    person("Past", fields={"birthday": "1990-11-19"})
    person("None", fields={"birthday": "soon", "other": "1990-11-22"})
    person("Month 13", fields={"birthday": "1990-13-22"})
    person("February 30", fields={"birthday": "1990-02-30"})
    person("Just born", fields={"birthday": "2026-11-22"})
    dated(now)
    look(now + DAY)
    assert inside() == []
    look(now + 3 * DAY)
    first = [("Yuki", "2026", utc(2026, 11, 22)), ("Ada", "2026", utc(2026, 11, 22, 8))]
    assert inside() == first
    assert Enrolment.objects.get(contact__first_name="Ada").context == {
        "field": "birthday",
        "date": "1990-11-22",
        "years": 36,
    }
    # a look that is months late catches up
    look(now + 368 * DAY)
    assert [(name, key) for name, key, _at in inside()[2:]] == [
        ("Past", "2027"),
        ("Yuki", "2027"),
        ("Ada", "2027"),
        ("Just born", "2027"),
    ]


def test_the_29th_of_february_is_the_28th_in_other_years(birthday, person):
    start = utc(2027, 2, 1)
    person("Leap", fields={"birthday": "2000-02-29"})
    dated(start)
    look(utc(2028, 3, 10))
    assert [at for _name, _key, at in inside()] == [utc(2027, 2, 28, 8), utc(2028, 2, 29, 8)]


def test_days_before_reach_over_the_new_year(birthday, person):
    start = utc(2026, 12, 20)
    person("January", fields={"birthday": "1990-01-03"})
    dated(start, days_before=7)
    look(utc(2026, 12, 30))
    assert inside() == [("January", "2027", utc(2026, 12, 27, 8))]


def test_a_date_comes_once(birthday, person, now):
    person("Due", fields={"birthday": "2026-11-25"})
    dated(now, yearly=False, days_before=3)
    look(now + 500 * DAY)
    assert inside() == [("Due", "2026-11-25", utc(2026, 11, 22, 8))]


def test_a_day_written_down_on_the_very_day_still_counts(birthday, person, now):
    ada = person("Ada")
    dated(now)
    look(utc(2026, 11, 22, 8, 30))
    Contact.objects.filter(pk=ada.pk).update(fields={"birthday": "1990-11-22"})
    look(utc(2026, 11, 22, 15))
    assert [(name, key) for name, key, _at in inside()] == [("Ada", "2026")]


def test_their_words_and_forms(birthday):
    field_date, seen = entries.get("field_date"), entries.get("not_seen")
    given = {"field": "birthday", "yearly": "on", "days_before": "7", "at": "08:30"}
    config, errors = clean_config(field_date, given)
    assert (config, errors) == (
        {"field": "birthday", "yearly": True, "days_before": 7, "at": "08:30:00"},
        {},
    )
    assert field_date.summary(config) == (
        "7 days before “Birthday”, every year; at 08:30, their time"
    )
    assert field_date.summary({"field": "birthday", "at": "09:00:00"}) == (
        "On the day of “Birthday”; at 09:00, their time"
    )
    assert seen.summary({"days": 60, "at": "09:00:00"}) == (
        "When somebody was not seen for 60 days; at 09:00, their time"
    )
    assert "field" in clean_config(field_date, {**given, "field": "shoe"})[1]
    assert "days" in clean_config(seen, {"days": 0, "at": "09:00"})[1]


def test_the_next_look_is_at_that_time_somewhere(person, now):
    person("Ada")
    not_seen(now)
    look(now + HOUR)
    assert LiveEntry.objects.get().due_at == utc(2026, 11, 21, 8)
    assert timedelta(0) < LiveEntry.objects.get().due_at - now < DAY
