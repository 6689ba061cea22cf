"""What an entry of the draft makes of the newest events, and whose moment comes next."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactField
from contacts.tags import add_tag
from core.discovery import import_plugins
from events.models import Event
from events.services import NewEvent, record_many
from journeys import services
from journeys.contracts import entries
from journeys.definition import EntryNode
from journeys.explain import preview
from journeys.explain.preview import EventPreview, NoPreview, TimePreview, preview_of
from journeys.services import create_journey
from tests.journeys.conftest import DAY, HOUR, definition
from tests.journeys.explain.conftest import BIG, VIP, WAIT, way_in
from tests.journeys.test_pages import asked

import_plugins()
ENTRIES = [pytest.param(each, id=each.key) for each in entries]
BIRTHDAY = {"field": "birthday", "yearly": True, "days_before": 0, "at": "09:00:00"}
AT_HAND = {"kind": "manual", "config": {}}


@pytest.fixture
def journey(acme, now):
    drawn = definition(WAIT, entries=[way_in(only=VIP), AT_HAND])
    return create_journey(name="Idea", definition=drawn, now=now)


def orders(contact, *totals, at):
    """An order of each total, one an hour."""
    record_many(
        events=[
            NewEvent("order.placed", at + number * HOUR, contact.pk, data={"total": total})
            for number, total in enumerate(totals)
        ],
        now=at,
    )


def node(config, only=None, kind="event_received"):
    return EntryNode(kind, config, only or {})


def test_the_newest_events_say_who_when_and_what_failed(ada, bob, journey, now):
    # given orders of Ada, a VIP, and of Bob, and an old one
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    orders(ada, 99, at=now - 40 * DAY)
    orders(ada, 20, 80, at=now - DAY)
    orders(bob, 90, at=now)
    # when the draft's entry is tried on them
    found = preview_of(journey=journey, node=node(BIG, VIP), now=now + HOUR)
    # then
    assert isinstance(found, EventPreview)
    assert (found.name, found.seen, found.passing, found.is_all) == ("Ordered", 3, 1, True)
    assert [
        (each.contact, each.passes, [check.detail for check in each.failed], each.in_audience)
        for each in found.events
    ] == [
        (bob, False, [], False),
        (ada, True, [], True),
        (ada, False, ["it was “20”"], None),
        (ada, True, [], True),
    ]


def test_other_settings_let_others_in(ada, journey, now):
    orders(ada, 20, 80, at=now)
    passing = [
        preview_of(journey=journey, node=node({**BIG, "value": value}), now=now + DAY).passing
        for value in ("10", "50", "100")
    ]
    assert passing == [2, 1, 0]


def test_it_looks_at_the_newest_events_of_the_kind_only(ada, journey, now, monkeypatch):
    monkeypatch.setattr(preview, "MOST_EVENTS", 3)
    monkeypatch.setattr(preview, "NEWEST", preview.NEWEST.replace("LIMIT 1000", "LIMIT 3"))
    orders(ada, *[80] * 5, at=now)
    found = preview_of(journey=journey, node=node(BIG), now=now + DAY)
    assert (found.seen, found.passing, found.is_all) == (3, 3, False)


def test_half_written_settings_have_no_preview(journey, now):
    for config, only in (({}, {}), (BIG, {"kind": "moon_phase"}), ({"event": ""}, {})):
        found = preview_of(journey=journey, node=node(config, only), now=now)
        assert found == NoPreview("Finish the settings first; then you see here whom they let in.")


def test_by_hand_nothing_is_tried(journey, now):
    found = preview_of(journey=journey, node=node({}, kind="manual"), now=now)
    assert found == NoPreview("Nothing happens by itself here: you or the API let people in.")


def test_the_next_birthdays_are_told(ada, bob, journey, now):
    # given birthdays in three days and in ten, one too far away, and one that is no date
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    for person, day in ((ada, "1990-11-30"), (bob, "1985-11-23")):
        Contact.objects.filter(pk=person.pk).update(fields={"birthday": day})
    Contact.objects.create(email="c@example.com", fields={"birthday": "1999-06-01"})
    Contact.objects.create(email="d@example.com", fields={"birthday": "soon"})
    # when the entry is tried, for everybody and for VIPs
    found = preview_of(journey=journey, node=node(BIRTHDAY, kind="field_date"), now=now)
    vips = preview_of(journey=journey, node=node(BIRTHDAY, VIP, kind="field_date"), now=now)
    # then
    nine = now.replace(hour=8)
    assert found == TimePreview(
        [(bob, nine + timedelta(days=3)), (ada, nine + timedelta(days=10))], 2
    )
    assert vips == TimePreview([], 0)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_is_tried_without_raising(entry, ada, journey, now):
    orders(ada, 80, at=now)
    found = preview_of(journey=journey, node=node(entry.example(), kind=entry.key), now=now + HOUR)
    assert isinstance(found, EventPreview | TimePreview | NoPreview)


def test_the_draft_page_loads_it_and_it_stands_alone(ada, journey, acme_client, now):
    # given the draft with an entry chosen
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    orders(ada, 20, 80, at=now)
    draft = acme_client.get(f"/journeys/{journey.pk}/draft/?step=entry:0").content.decode()
    url = f"/journeys/{journey.pk}/draft/check/?part=entry%3A0"
    assert f'hx-get="{url}"' in draft
    # when it is loaded, by the page or by itself
    with time_machine.travel(now + 2 * HOUR, tick=False), CaptureQueriesContext(connection) as sql:
        part = unescape(acme_client.get(url, headers={"hx-request": "true"}).content.decode())
    with time_machine.travel(now + 2 * HOUR, tick=False):
        page = unescape(acme_client.get(url).content.decode())
    # then both have the events, and it is cheap
    for shown in (part, page):
        assert "Of 2 events in the last 30 days 1 would pass." in shown
        assert "Wanted: total is at least “50” (it was “20”)" in shown
        assert f"?contact={ada.pk}" in shown
    assert ("<html" in part, "<html" in page) == (False, True)
    assert len(asked(sql)) <= 12


@pytest.mark.parametrize("part", ["", "entry:", "entry:2", "entry:-1", "goal", "entry:²", "x" * 99])
def test_a_part_that_is_no_entry_is_not_found(journey, acme_client, part):
    url = f"/journeys/{journey.pk}/draft/check/"
    assert acme_client.get(url, {"part": part}).status_code == 404


def test_trying_writes_nothing_and_globex_sees_nothing(
    ada, journey, acme_client, globex_client, now
):
    orders(ada, 80, at=now)
    url = f"/journeys/{journey.pk}/draft/check/?part=entry:0"
    with CaptureQueriesContext(connection) as queries:
        acme_client.get(url)
    assert not [sql for sql in asked(queries) if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert (Event.objects.count(), services.draft_problems(journey)) == (1, [])
    assert globex_client.get(url).status_code == 404
