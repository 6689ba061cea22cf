"""The page that answers why: what it says, what it costs, and that Globex never sees Acme's."""

from html import unescape
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from contacts.models import Contact
from contacts.tags import add_tag
from tests.journeys.conftest import HOUR, settle, step
from tests.journeys.explain.conftest import VIP, WAIT, order, ordering
from tests.journeys.seeding import mail
from tests.journeys.test_pages import asked

# What every page of a member asks is among them.
MOST_QUERIES = 15
NOBODY = UUID(int=7)


@pytest.fixture
def journey(acme, now):
    """Orders of VIPs start it; who is a friend too gets the mail."""
    hello = step("mail1", "send_email", {"template": str(mail(now).pk)})
    friend = {"kind": "tag", "config": {"test": "has", "tag": "friend"}}
    split = step("split1", "if_else", {"condition": {"any": [friend, VIP]}}, [hello], [])
    return ordering(now, split, WAIT, only=VIP, settings={"re_entry": "always"})


def read(client, url):
    response = client.get(url)
    return response.status_code, unescape(response.content.decode())


def test_it_says_it_all_on_one_page(ada, journey, acme_client, now):
    # given Ada, who is a VIP and ordered twice
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    order(ada, now, total=20)
    order(ada, now + HOUR)
    settle(now + HOUR)
    # when the page is opened
    with time_machine.travel(now + 2 * HOUR, tick=False):
        status, page = read(acme_client, f"/journeys/{journey.pk}/why/?contact={ada.pk}")
    # then it has the verdict, both orders with what was looked at, the split and the mail
    assert status == 200
    assert "Ada is in “Welcome” since 20 Nov 2026, 14:00: “Ordered”" in page
    assert "It did not pass: wanted is that total is at least “50”, and it was “20”." in page
    assert "with the tag “friend”" in page
    assert "Queued on 20 Nov 2026, 14:00, and not sent yet." in page
    assert f"/journeys/{journey.pk}/people/{ada.enrolments.get().pk}/" in page
    assert "Times in Europe/Rome" in page


def test_it_answers_about_one_message(ada, journey, acme_client, now):
    order(ada, now)
    url = f"/journeys/{journey.pk}/why/?contact={ada.pk}&step=mail1"
    status, page = read(acme_client, url)
    assert status == 200
    assert "Why did or didn't Ada get “Hello”?" in page
    assert "Ada did not get “Hello”. Ada did not come into “Welcome”: “Ordered” on" in page


def test_a_person_is_found_by_name(ada, bob, journey, acme_client):
    status, page = read(acme_client, f"/journeys/{journey.pk}/why/?q=ada")
    assert (status, f"?contact={ada.pk}" in page, str(bob.pk) in page) == (200, True, False)
    _status, nobody = read(acme_client, f"/journeys/{journey.pk}/why/?q=zoe")
    assert "Nobody found" in nobody


@pytest.mark.parametrize("query", ["contact=x", f"contact={NOBODY}", "contact=%00", "contact={}"])
def test_an_unknown_person_is_not_found(journey, acme_client, query):
    assert acme_client.get(f"/journeys/{journey.pk}/why/?{query}").status_code == 404


def test_an_unknown_step_is_not_found(ada, journey, acme_client):
    url = f"/journeys/{journey.pk}/why/?contact={ada.pk}&step="
    assert [acme_client.get(url + step).status_code for step in ("nosuch", "%00", "x" * 99)] == [
        404
    ] * 3


def test_globex_sees_neither_the_journey_nor_the_person(ada, journey, globex, globex_client, now):
    with schema_context(globex.schema_name):
        theirs = Contact.objects.create(email="gil@example.com")
    url = f"/journeys/{journey.pk}/why/?contact="
    assert globex_client.get(url + str(ada.pk)).status_code == 404
    assert globex_client.get(url + str(theirs.pk)).status_code == 404


def test_another_workspaces_person_looks_missing(journey, globex, acme_client):
    with schema_context(globex.schema_name):
        theirs = Contact.objects.create(email="gil@example.com")
    response = acme_client.get(f"/journeys/{journey.pk}/why/?contact={theirs.pk}")
    assert response.status_code == 404


def test_it_costs_a_bounded_number_of_statements(ada, journey, acme_client, now):
    # given ten runs and ten orders that were looked at
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    for number in range(10):
        order(ada, now + number * 72 * HOUR)
        settle(now + number * 72 * HOUR + 70 * HOUR)
    url = f"/journeys/{journey.pk}/why/?contact={ada.pk}"
    acme_client.get(url)
    with CaptureQueriesContext(connection) as queries:
        acme_client.get(url)
    assert len(asked(queries)) <= MOST_QUERIES, "\n".join(sql[-400:] for sql in asked(queries))


def test_the_events_are_read_along_their_index(ada, journey, now):
    from journeys.explain.facts import newest_events

    order(ada, now)
    with CaptureQueriesContext(connection) as queries:
        newest_events(ada.pk, {"order.placed", "contact.tagged"})
    [sql] = asked(queries)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("event_of_contact") == 2
