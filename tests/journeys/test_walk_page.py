"""The test walk: a page that shows what somebody would get, and leaves nothing behind."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from journeys.chance import fraction
from journeys.models import Journey
from journeys.services import create_journey
from tests.journeys.conftest import HOUR, definition, live, step
from tests.journeys.rehearsing import every_row, happened

AT = "2026-11-23T10:42"
TWO_DAYS = step("wait1", "wait", {"amount": 2, "unit": "days"})
HAS_VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]


@pytest.fixture
def draft(now: Any) -> Journey:
    """Tag, wait two days, ask for another tag."""
    raw = definition(
        step("tag1", "add_tag", {"tag": "seen"}),
        TWO_DAYS,
        step("if1", "if_else", {"condition": HAS_VIP}, [step("exit1", "exit")], []),
    )
    return create_journey(name="Welcome", definition=raw, now=now)


def page(client: Any, journey: Any, *, status: int = 200, **asked: Any) -> str:
    """The page's text."""
    query = urlencode({"at": AT, **asked}, doseq=True)
    answer = client.get(f"/journeys/{journey.pk}/walk/?{query}")
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_the_newest_person_walks_to_the_end_in_their_own_time(acme_client, ada, draft):
    # given Ada in Tokyo
    Contact.objects.filter(pk=ada.pk).update(timezone="Asia/Tokyo")
    before = every_row()

    # when the page is opened
    text = page(acme_client, draft)

    # then she gets nothing, waits two days by her clock, and goes the way of those without the tag
    assert "Ada would get 0 messages" in text
    assert "Mon 23 Nov 2026, 10:42" in text
    assert "until Wed 25 Nov 2026, 10:42" in text
    assert "→ No" in text
    assert "Came to the end" in text
    assert "times in Asia/Tokyo" in text
    # and the picture is numbered
    assert 'data-mode="test"' in text
    assert '<span class="sr">Reached as number </span>4' in text
    assert every_row() == before


def test_somebody_invented_walks_with_their_tags_and_is_nowhere_after(acme_client, draft):
    before = every_row()
    text = page(
        acme_client,
        draft,
        who="new",
        first_name="Maya",
        email="maya@example.com",
        tags="vip, new",
        agreed="on",
    )
    assert "Maya would get 0 messages" in text
    assert "→ Yes" in text
    assert "Left: came to an exit" in text
    assert every_row() == before


def test_a_workspace_without_people_begins_with_somebody_invented(acme_client, acme, draft):
    assert "Ada would get 0 messages" in page(acme_client, draft)


def test_a_choice_is_made_in_the_address_and_the_walk_stops_for_the_next(acme_client, ada, now):
    # given a journey that waits for a goodbye
    Contact.objects.filter(pk=ada.pk).update(email_consent="subscribed")
    wait = {"event": "consent.withdrawn", "amount": 3, "unit": "days"}
    raw = definition(step("wait1", "wait_for_event", wait, [step("exit1", "exit")], []))
    journey = create_journey(name="Goodbye", definition=raw, now=now)

    # when the walk stops at each choice
    asks = page(acme_client, journey, pause="1")
    # and she unsubscribes
    says = page(acme_client, journey, do="unsubscribes")
    # and when time passes
    waits = page(acme_client, journey, do="nothing")

    # then
    assert "What do they do now?" in asks
    assert "do=unsubscribes" in asks
    assert "Unsubscribes <time" in says
    assert "Mon 23 Nov 2026, 11:42" in says
    assert "→ It happened" in says
    assert "→ Timed out" in waits
    assert Contact.objects.get(pk=ada.pk).email_consent == "subscribed"


def test_a_choice_that_cannot_be_made_any_more_is_told(acme_client, ada, draft):
    assert "cannot be done any more" in page(acme_client, draft, do="unsubscribes")


def test_the_newest_event_of_the_kind_is_what_starts_it(acme_client, ada, bob, now):
    wait = definition(TWO_DAYS, entries=ORDERS)
    journey = create_journey(name="Orders", definition=wait, now=now)
    happened(bob, "order.placed", now - HOUR, number="of Bob")
    assert "of Bob" in page(acme_client, journey, who=ada.pk)
    happened(ada, "order.placed", now - 2 * HOUR, number="of Ada")
    assert "of Ada" in page(acme_client, journey, who=ada.pk)
    assert "of nobody" in page(acme_client, journey, who=ada.pk, payload='{"number": "of nobody"}')


def test_an_event_the_entry_would_not_take_is_told_and_walked_all_the_same(acme_client, ada, now):
    config = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "50"}
    raw = definition(TWO_DAYS, entries=[{"kind": "event_received", "config": config}])
    journey = create_journey(name="Orders", definition=raw, now=now)
    text = page(acme_client, journey, payload='{"total": 20}')
    assert "An event like this would not let them in" in text
    assert "until Wed 25 Nov 2026" in text


def test_whoever_the_entry_is_not_for_is_told_and_let_in(acme_client, ada, now):
    raw = definition(TWO_DAYS, entries=[{"kind": "manual", "config": {}, "only": HAS_VIP}])
    text = page(acme_client, create_journey(name="Some", definition=raw, now=now))
    assert "In life not let in: is not among those the entry is for" in text
    assert "until Wed 25 Nov 2026" in text


def test_the_draft_and_the_live_version_are_walked_apart(acme_client, ada, now):
    journey = live(now, TWO_DAYS)
    Journey.objects.filter(pk=journey.pk).update(
        draft=definition(step("wait1", "wait", {"amount": 5, "unit": "days"}))
    )
    assert "until Sat 28 Nov 2026" in page(acme_client, journey)
    assert "until Wed 25 Nov 2026" in page(acme_client, journey, of="live")


def test_a_step_with_a_problem_says_so(acme_client, ada, now):
    raw = definition(TWO_DAYS, step("odd1", "wait", {"amount": 0}), step("none1", "no_such"))
    text = page(acme_client, create_journey(name="Odd", definition=raw, now=now))
    assert "until Wed 25 Nov 2026" in text
    assert "Left: a step failed" in text
    assert "“Wait”: Unit: This field is required." in text


def test_somebody_held_out_is_told_and_can_walk_all_the_same(acme_client, acme, now):
    # given a person whom chance holds out
    raw = definition(TWO_DAYS, settings={"holdout": 50})
    journey = create_journey(name="Held", definition=raw, now=now)
    people = [Contact.objects.create(email=f"p{n}@example.com") for n in range(20)]
    held = next(p for p in people if fraction("holdout", journey.pk, p.pk) < 0.5)
    assert "Held out to compare" in page(acme_client, journey, who=held.pk)
    assert "until Wed 25 Nov 2026" in page(acme_client, journey, who=held.pk, held="off")


@pytest.mark.parametrize("raw", [{}, {"steps": []}, {"entries": [{"kind": "no_such"}]}])
def test_a_draft_of_nothing_has_a_page(acme_client, ada, now, raw):
    empty = {"entries": [], "steps": [], **raw}
    journey = create_journey(name="Empty", definition=empty, now=now)
    assert "add a step" in page(acme_client, journey)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"who": "nobody"}, "There is no such person."),
        ({"who": "0190b3c1-0000-7000-8000-000000000000"}, "There is no such person."),
        ({"entry": "7"}, "There is no such way in."),
        ({"entry": "first"}, "There is no such way in."),
        ({"of": "newest"}, "There is no such version."),
        ({"at": "soon"}, "Write a day and a time"),
        ({"at": "2026-02-31T10:00"}, "Write a day and a time"),
        ({"at": "0001-01-01T00:00"}, "within ten years"),
        ({"at": "9999-12-31T23:59"}, "within ten years"),
        ({"payload": "{"}, "This is not JSON"),
        ({"payload": "[1]"}, "Write one object"),
        ({"payload": '{"a": NaN}'}, "This is not JSON"),
        ({"payload": '{"a": "\\u0000"}'}, "Write one object"),
        ({"payload": "[" * 2000}, "This is not JSON"),
        ({"payload": '{"a": 1e999}'}, "This is not JSON"),
        ({"payload": '{"a": "\\ud800"}'}, "This is not JSON"),
        ({"payload": '{"a": "' + "x" * 4000 + '"}'}, "longer than 3000"),
        ({"who": "new"}, "Look at the person once more."),
        ({"who": "new", "email": "ada@example.com"}, "choose them"),
        ({"who": "new", "email": "a@b.example, c@d.example"}, "Look at the person once more."),
        ({"who": "new", "email": "x@example.com", "language": "!"}, "is not a language"),
        ({"who": "new", "email": "x@example.com", "tags": "t" * 200}, "at most"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(acme_client, ada, draft, asked, words):
    before = every_row()
    assert words in page(acme_client, draft, status=422, **asked)
    assert every_row() == before


@pytest.mark.parametrize(
    "asked",
    [
        {"do": ["clicks:9.9", "opens:99", "orders:x", "answers", "no_such:1", "\x00"]},
        {"do": ["nothing"] * 500},
        {"read": "99999999999"},
        {"read": "²"},
        {"guards": "maybe", "pause": "no", "held": "x"},
        {"q": "\x00"},
    ],
)
def test_odd_addresses_are_walked(acme_client, ada, draft, asked):
    assert "Ada would get" in page(acme_client, draft, **asked)


def test_globex_sees_nothing_of_acme(acme_client, globex_client, ada, draft, now):
    answer = globex_client.get(f"/journeys/{draft.pk}/walk/")
    assert answer.status_code == 404
    # and Acme's page takes no person of another workspace
    assert "There is no such person." in page(
        acme_client, draft, status=422, who="0190b3c1-0000-7000-8000-00000000000f"
    )


def test_the_page_asks_few_questions_of_the_database(acme_client, ada, draft):
    page(acme_client, draft)
    with CaptureQueriesContext(connection) as asked:
        page(acme_client, draft)
    assert len([each for each in asked if "search_path" not in each["sql"]]) <= 80
