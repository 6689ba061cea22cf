"""The first page: its figures, its checklist, and what needs somebody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Message
from contacts.models import Contact, Suppression
from events.models import Event
from insights.home import growth, live_journeys, mailings, overview
from journeys import services
from journeys.models import Enrolment
from tests.journeys.conftest import DAY, HOUR
from tests.journeys.seeding import seed

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def _noon(now: Any) -> Iterator[None]:
    """Every page of these tests is asked for at noon."""
    with time_machine.travel(now, tick=False):
        yield


def test_a_new_workspace_is_told_what_to_do_first(acme: Any, acme_client: Client, now: Any) -> None:
    # given Acme as it was born: with a form, and nothing else
    seen = overview(acme, now=now)
    # then the checklist says what is done and what is next
    assert [(each.item.key, each.done) for each in seen.checklist] == [
        ("postal_address", False), ("contacts", False), ("form", True), ("journey", False),
        ("mail", False),
    ]  # fmt: skip
    assert seen.next is not None
    assert seen.next.item.key == "postal_address"
    assert (seen.worries, seen.contacts, seen.mailable) == ([], 0, 0)
    page = acme_client.get("/").content.decode()
    assert "Good afternoon, Acme" in page
    assert "Write your postal address" in page
    assert "Nothing. Everything runs by itself." in page
    assert "No journey runs yet" in page


def test_the_checklist_goes_when_all_is_done(acme: Any, acme_client: Client, now: Any) -> None:
    # given a workspace with an address, contacts, a journey and mails
    acme.postal_address = "1 Road, Town"
    acme.save()
    seed(now)
    # then nothing is left to do, and the page does not speak of it
    seen = overview(acme, now=now)
    assert (seen.done, seen.next) == (5, None)
    assert "Finish setting up" not in acme_client.get("/").content.decode()


def test_what_needs_somebody_is_counted(acme: Any, acme_client: Client, now: Any) -> None:
    # given a mail in doubt, two failed events, a failed run, an old one, and a draft
    seed(now)
    Message.objects.filter(to_address="p05@example.com").update(status="in_doubt")
    for number in (1, 2):
        Event.objects.create(
            source="api", message_id=str(number), type="x", occurred_at=now, state=2
        )
    runs = Enrolment.objects.order_by("contact__email")
    Enrolment.objects.filter(pk=runs[0].pk).update(status="failed", ended_at=now - HOUR)
    Enrolment.objects.filter(pk=runs[1].pk).update(status="failed", ended_at=now - 8 * DAY)
    services.create_journey(name="Win back", now=now)
    # then each is named with its number, and old news is none
    worries = overview(acme, now=now).worries
    assert [(each.concern.key, each.title) for each in worries] == [
        ("in_doubt", "1 message in doubt"),
        ("failed_events", "2 events failed"),
        ("failed_runs", "1 person stopped in a journey"),
        ("drafts", "1 journey has a draft"),
    ]
    page = acme_client.get("/").content.decode()
    assert all(each.title in page for each in worries)
    assert 'href="/events/failed/"' in page


def test_a_draft_that_is_what_runs_worries_nobody(acme: Any, now: Any) -> None:
    # given a published journey, then one whose draft goes on
    journey = seed(now)
    assert overview(acme, now=now).worries == []
    draft = {**journey.draft, "settings": {"re_entry": "always"}}
    services.save_draft(journey=journey, definition=draft, now=now)
    # then
    assert [each.concern.key for each in overview(acme, now=now).worries] == ["drafts"]
    # and nothing is said of what was put away
    services.archive_journey(journey=journey, now=now)
    assert overview(acme, now=now).worries == []


def test_only_those_who_may_be_mailed_are_mailable(acme: Any, now: Any) -> None:
    for number in range(3):
        Contact.objects.create(email=f"p{number}@example.com", email_consent="subscribed")
    Contact.objects.create(email="never@example.com")
    Suppression.objects.create(value="p0@example.com", channel="email", reason="bounced")
    seen = overview(acme, now=now)
    assert (seen.contacts, seen.mailable) == (4, 2)


def test_growth_counts_each_day_in_the_zone_of_the_workspace(acme: Any, now: Any) -> None:
    # given somebody old, two of yesterday (one by 30 minutes, in Rome), and one of today
    moments = {"old": 40 * DAY, "a": DAY, "b": timedelta(hours=13, minutes=30), "c": HOUR}
    for name, ago in moments.items():
        Contact.objects.create(
            email=f"{name}@example.com",
            created_at=now - ago,
            source="import" if name == "b" else "form",
        )
    # when the last thirty days are drawn
    found = growth(total=4, now=now, zone=ROME)
    # then
    assert (len(found.days), found.days[-1].isoformat()) == (30, "2026-11-20")
    assert found.totals[-3:] == [1, 3, 4]
    assert found.totals[0] == 1
    assert found.new == 3
    assert found.sources == [("form", 2), ("import", 1)]


def test_mails_are_counted_with_rates_of_what_was_delivered(acme: Any, now: Any) -> None:
    # given ten mails: one bounced, four opened, two clicked; one of them 40 days old
    seed(now)
    Message.objects.filter(to_address="p08@example.com").update(sent_at=now - 40 * DAY)
    # when both spans are read
    present, past = mailings(now=now, zone=ROME)
    # then machine opens count nowhere
    assert (present.sent, present.delivered, present.opened, present.clicked) == (9, 8, 4, 2)
    assert (present.open_rate, present.click_rate) == (50.0, 25.0)
    assert (past.sent, past.delivered, past.opened) == (1, 1, 0)
    assert present.daily[-1] == 9


def test_live_journeys_name_the_step_that_loses_most(acme: Any, now: Any) -> None:
    # given a journey in which one of ten was taken out at the wait, and six left by an exit
    journey = seed(now)
    services.create_journey(name="A draft", now=now)
    # then the wait is the weakest: the exit is where they were meant to leave
    [live] = live_journeys()
    assert live.journey == journey
    assert live.numbers.started == 12
    assert (live.weakest, live.loss) == ("Wait", 10.0)


def test_home_asks_no_more_than_twelve_queries(acme_client: Client, now: Any) -> None:
    seed(now)
    with CaptureQueriesContext(connection) as queries:
        page = acme_client.get("/").content.decode()
    asked = [each["sql"] for each in queries if not each["sql"].startswith("SET ")]
    assert len(asked) <= 12, asked
    assert "Welcome" in page
    assert "1 · 8.3%" in page


def test_globex_sees_nothing_of_acme_at_home(globex_client: Client, now: Any) -> None:
    # given Acme with people and mails
    seed(now)
    page = globex_client.get("/").content.decode()
    # then Globex's home is empty
    assert "No journey runs yet" in page
    assert "Welcome" not in page


def test_strangers_are_sent_to_the_door(acme: Any, client_of: Any) -> None:
    assert client_of(acme).get("/").status_code == 302
