"""The ways in that time opens, for one person: their moments, and what became of each."""

from datetime import timedelta

import pytest

from contacts.models import Contact, ContactField
from contacts.tags import add_tag
from core.discovery import import_plugins
from journeys import services
from journeys.contracts import TimedEntry, entries
from journeys.models import LiveEntry
from journeys.timed import let_in_due
from tests.journeys.conftest import DAY, HOUR, live
from tests.journeys.explain.conftest import VIP, WAIT, asked, attempts, said

import_plugins()
TIMED = [pytest.param(each, id=each.key) for each in entries if isinstance(each, TimedEntry)]
BIRTHDAY = {"field": "birthday", "yearly": True, "days_before": 0, "at": "09:00:00"}
# Nine in Rome, where nobody says otherwise.
NINE = timedelta(hours=-4)


@pytest.fixture
def born(acme):
    """`born("Ada", "1990-11-23")`: somebody with a birthday."""
    ContactField.objects.create(key="birthday", label="Birthday", type="date")

    def make(name, day):
        return Contact.objects.create(
            email=f"{name}@example.com".lower(), first_name=name, fields={"birthday": day}
        )

    return make


def birthdays(now, only=None):
    entry = {"kind": "field_date", "config": BIRTHDAY}
    return live(now, WAIT, entries=[{**entry, "only": only} if only else entry])


def look(at):
    while let_in_due(now=at):
        pass


def test_their_moment_let_them_in(born, now):
    ada = born("Ada", "1990-11-23")
    journey = birthdays(now)
    look(now + 4 * DAY)
    [way] = asked(journey, ada, now + 5 * DAY).ways
    [attempt] = way.attempts
    assert (way.opened_by, attempt.what, attempt.code) == ("time", "Their moment", "came_in")
    assert attempt.at == now + 3 * DAY + NINE
    assert attempt.run == ada.enrolments.get()


def test_a_moment_to_come_says_when(born, now):
    ada = born("Ada", "1990-11-23")
    found = said(birthdays(now), ada, now)
    assert (found.code, found.reason) == ("not_let_in", "to_come")
    assert found.sentence == (
        "Ada did not come into “Welcome” yet. Their moment comes on 23 Nov 2026, 09:00."
    )


def test_a_moment_to_come_says_who_is_not_among_those_it_is_for(born, now):
    ada = born("Ada", "1990-11-23")
    journey = birthdays(now, only=VIP)
    assert attempts(journey, ada, now) == [
        (
            "to_come",
            "Their moment comes on 23 Nov 2026, 09:00; as things stand, they are not among those"
            " it is for.",
        )
    ]


def test_no_moment_at_all_says_how_far_it_looked(born, now):
    ada = born("Ada", "1990-06-01")
    assert said(birthdays(now), ada, now).sentence == (
        "Ada did not come into “Welcome”. No moment in the last 90 days, and none in the next 30."
    )


def test_who_was_not_among_them_then_is_told_so(born, now):
    ada, bob = born("Ada", "1990-11-23"), born("Bob", "1990-11-23")
    journey = birthdays(now, only=VIP)
    look(now + 4 * DAY)
    add_tag(contact_ids=[bob.pk], name="vip", now=now + 4 * DAY)
    barred = ("not_in_audience", "They are not among those this way in is for.")
    assert attempts(journey, ada, now + 5 * DAY) == [barred]
    assert [code for code, _words in attempts(journey, bob, now + 5 * DAY)] == ["changed_since"]


def test_moments_before_it_counted_let_nobody_in(born, now):
    # given a moment before going live, and one in a pause
    ada, bob = born("Ada", "1990-11-19"), born("Bob", "1990-11-22")
    journey = birthdays(now)
    services.pause_journey(journey=journey, now=now + DAY)
    services.resume_journey(journey=journey, now=now + 3 * DAY)
    look(now + 4 * DAY)
    words = (
        "not_live_yet",
        "Moments count from 23 Nov 2026, 13:00 on, when the journey went live or was resumed.",
    )
    assert attempts(journey, ada, now + 5 * DAY) == [words]
    assert attempts(journey, bob, now + 5 * DAY) == [words]


def test_what_was_not_looked_at_yet_or_failed_says_so(born, now):
    ada = born("Ada", "1990-11-21")
    journey = birthdays(now)
    look(now)
    due = LiveEntry.objects.get().due_at
    assert due == now + DAY + NINE
    assert attempts(journey, ada, now + DAY) == [
        ("waiting", "It is looked who comes in at 21 Nov 2026, 09:00.")
    ]
    LiveEntry.objects.update(error="The field is gone.")
    assert attempts(journey, ada, now + DAY) == [
        ("event_failed", "Looking who comes in failed: The field is gone.")
    ]


@pytest.mark.parametrize("entry", TIMED)
def test_every_time_born_entry_is_explained_for_one_person(entry, born, now):
    """Whoever brought it: its own question, narrowed to somebody nothing is known of."""
    ada = born("Ada", "1990-11-23")
    config = entry.example()
    if entry.event_type(config):
        pytest.skip("events open it with these settings")
    journey = live(now, WAIT)
    definition = {**journey.live_version.definition}
    definition["entries"] = [{"kind": entry.key, "config": config}]
    type(journey.live_version).objects.update(definition=definition)
    [way] = asked(journey, ada, now + HOUR).ways
    assert way.opened_by == "time"
    assert bool(way.attempts) != bool(way.note)
