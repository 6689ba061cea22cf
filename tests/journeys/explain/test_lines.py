"""A contact's page names the running journeys they were never in, each with what keeps them out."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.tags import add_tag
from journeys import services
from journeys.explain.lines import lines_of
from tests.journeys.conftest import HOUR, live, settle
from tests.journeys.explain.conftest import VIP, WAIT, order, ordering, way_in
from tests.journeys.test_pages import asked


def told(contact, now):
    return [(each.journey.name, each.words) for each in lines_of(contact=contact, now=now)]


def test_each_journey_says_what_keeps_them_out(bob, now):
    # given journeys for big orders, for those of VIPs, by hand, and one that is paused
    ordering(now, name="Big")
    ordering(now, name="For VIPs", only=VIP)
    live(now, WAIT, name="Greeting")
    services.pause_journey(journey=ordering(now, name="Paused"), now=now)
    # then a person who did nothing reads
    assert told(bob, now) == [
        ("Big", "“Ordered” never happened"),
        ("For VIPs", "Not among those it is for"),
        ("Greeting", "When you add people, or the API does"),
    ]
    # and after an order that is too small
    order(bob, now, total=20)
    assert told(bob, now)[0] == (
        "Big",
        "The last “Ordered” did not pass: total is at least “50”",
    )


def test_journeys_they_were_in_are_not_among_them(ada, now):
    journey = ordering(now, name="Big", settings={"re_entry": "never"})
    order(ada, now)
    settle(now)
    assert told(ada, now) == []
    assert journey.enrolments.count() == 1


def test_an_order_from_before_did_not_let_them_in(bob, now):
    order(bob, now - HOUR)
    ordering(now, name="Big")
    assert told(bob, now) == [("Big", "The last “Ordered” did not let them in")]


def test_many_journeys_cost_the_same_few_statements(bob, now):
    add_tag(contact_ids=[bob.pk], name="vip", now=now)
    for number in range(5):
        ordering(now, name=f"Big {number}", only=VIP)
    order(bob, now, total=20)
    with CaptureQueriesContext(connection) as queries:
        assert len(told(bob, now)) == 5
    assert len(asked(queries)) <= 4


@pytest.mark.parametrize("address", ["/contacts/{ada}/panels/journeys/", "{journey}people/"])
def test_it_is_one_press_to_the_whole_answer(ada, acme_client, now, address):
    big = live(now, WAIT, name="Big", entries=[way_in()])
    order(ada, now)
    ordering(now, name="Other", only=VIP)
    page = acme_client.get(address.format(ada=ada.pk, journey=f"/journeys/{big.pk}/"))
    assert f'href="/journeys/{big.pk}/why/?contact={ada.pk}"' in unescape(page.content.decode())
