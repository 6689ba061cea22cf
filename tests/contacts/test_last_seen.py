"""When people were last seen: only what they did themselves, and never back in time."""

from datetime import timedelta

import pytest

from contacts.projections import note_seen
from contacts.segments import clean_config, describe, matching, scope_at
from events.models import Event
from events.services import NewEvent, record_many


def leaf(**config):
    return {"kind": "last_seen", "config": config}


@pytest.fixture
def happened(now):
    def make(person, *facts):
        record_many(
            events=[
                NewEvent(
                    type=kind,
                    occurred_at=now + timedelta(hours=hours),
                    contact_id=person.pk,
                    data=data,
                )
                for kind, hours, data in facts
            ],
            now=now,
        )
        return list(Event.objects.filter(contact_id=person.pk).order_by("-id")[: len(facts)])

    return make


@pytest.mark.parametrize(
    ("facts", "hours"),
    [
        ([("page.viewed", -5, {})], -5),
        ([("page.viewed", -5, {}), ("order.placed", -2, {}), ("page.viewed", -9, {})], -2),
        ([("form.submitted", -1, {})], -1),
        ([("message.clicked", -1, {})], -1),
        # a scanner's click, an open, and what we did ourselves are no visit
        ([("message.clicked", -1, {"machine": True})], None),
        ([("message.opened", -1, {}), ("contact.tagged", -1, {}), ("ticket.closed", -1, {})], None),
        # an event that says it comes from the future was now
        ([("page.viewed", 20, {})], 0),
    ],
)
def test_what_counts_as_being_seen(contact, happened, now, facts, hours):
    ada, bo = contact("ada@example.com"), contact("bo@example.com")
    note_seen(happened(ada, *facts), now)
    ada.refresh_from_db()
    bo.refresh_from_db()
    assert ada.last_seen_at == (None if hours is None else now + timedelta(hours=hours))
    assert bo.last_seen_at is None


def test_it_never_moves_back(contact, happened, now):
    ada = contact("ada@example.com", last_seen_at=now - timedelta(hours=1))
    note_seen(happened(ada, ("page.viewed", -5, {})), now)
    ada.refresh_from_db()
    assert ada.last_seen_at == now - timedelta(hours=1)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"more_than_days": 30}, "old never"),
        ({"less_than_days": 30}, "new"),
        ({"more_than_days": 5, "less_than_days": 90}, "new old"),
        ({"more_than_days": 60}, "never"),
    ],
)
def test_the_condition(contact, now, config, expected):
    long_ago = now - timedelta(days=400)
    people = {
        "new": contact("a@example.com", created_at=long_ago, last_seen_at=now - timedelta(days=10)),
        "old": contact("b@example.com", created_at=long_ago, last_seen_at=now - timedelta(days=40)),
        "never": contact("c@example.com", created_at=long_ago),
        "just added": contact("d@example.com"),
    }
    ids = [person.pk for person in people.values()]
    found = matching(ids, leaf(**config), scope_at(now))
    assert {name for name, person in people.items() if person.pk in found} == set(expected.split())
    assert matching(ids, {"not": leaf(**config)}, scope_at(now)) == set(ids) - found


def test_its_words_and_its_form():
    config = {"more_than_days": 30, "less_than_days": 90}
    assert describe(leaf(**config)) == "People not seen for 30 days and seen in the last 90 days"
    assert clean_config("last_seen", {"more_than_days": "30"}) == ({"more_than_days": 30}, [])
    assert clean_config("last_seen", {})[1][0].message.endswith("Fill in one of the two.")
    assert clean_config("last_seen", {"more_than_days": "0"})[1]
