"""Every figure on a journey, and that the list behind it is exactly as long."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from journeys import services
from journeys.definition import find_step, parse
from journeys.enrolment import enrol
from journeys.figures import conversion, sent_totals, step_figures, went_on
from journeys.models import Enrolment, Journey
from journeys.numbers import JourneyNumbers, journey_numbers, step_numbers
from journeys.people import UnknownPeople, newest_runs, people
from tests.journeys.conftest import DAY, HOUR, definition, live, settle, step
from tests.journeys.seeding import seed

pytestmark = pytest.mark.usefixtures("two_days_later")


@pytest.fixture
def seeded(acme: Any, now: Any) -> Journey:
    return seed(now)


def test_a_journey_adds_up(seeded: Journey) -> None:
    # when its figures are read
    found = journey_numbers([seeded.pk])[seeded.pk]
    # then everyone who entered is somewhere
    assert found == JourneyNumbers(
        started=12, in_progress=2, completed=3, exited_early=7, failed=0, converted=1
    )
    assert conversion(found) == pytest.approx(100 / 12)
    assert sent_totals([seeded.pk]) == {seeded.pk: 10}


def test_each_step_says_who_came_who_is_there_and_how_they_left(seeded: Journey) -> None:
    # when the figures of the steps are read
    found = step_numbers(seeded)
    # then
    assert {step_id: (n.entered, n.waiting, n.left) for step_id, n in found.items()} == {
        "mail1": (12, 0, {"next": 12}),
        "wait1": (12, 2, {"next": 9, "exit:removed": 1}),
        "split1": (9, 0, {"branch:0": 3, "branch:1": 6}),
        "tag1": (3, 0, {"next": 3}),
        "out1": (6, 0, {"exit:No VIP": 6}),
    }
    assert (went_on(found["wait1"]), found["wait1"].lost) == (9, 1)


def test_mails_are_counted_as_people_did_things_with_them(seeded: Journey) -> None:
    # when the mail step's own figures are read; delivered = 10 sent - 1 bounced
    found = step_figures(seeded.pk, [("mail1", "send_email"), ("wait1", "wait")])
    # then machine opens are in none
    assert list(found) == ["mail1"]
    assert [(each.what, each.count, each.of) for each in found["mail1"]] == [
        ("delivered", 9, 10), ("opened", 4, 9), ("clicked", 2, 9), ("sent", 10, None),
        ("bounced", 1, 10), ("unsent", 1, None),
    ]  # fmt: skip


def test_those_held_out_are_in_no_figure(ada: Contact, now: Any) -> None:
    # given somebody held out for comparison
    journey = live(now, step("tag1", "add_tag", {"tag": "x"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    Enrolment.objects.update(holdout=True)
    # then only the figure of those held out counts them
    assert journey_numbers([journey.pk])[journey.pk] == JourneyNumbers(held_out=1)
    assert step_numbers(journey) == {}
    assert people(journey=journey, what="started").count() == 0


LINK = re.compile(r'href="(?P<url>[^"]*/people/\?[^"]*what=[^"]*)"[^>]*>(?P<inside>.*?)</a>', re.S)
COUNT = re.compile(r"\d+")
ROW = re.compile(r"<tr><td>")


@pytest.mark.parametrize(
    ("chosen", "figures"),
    [("", 27), ("_entry", 27), ("mail1", 25), ("wait1", 22), ("split1", 20), ("out1", 21)],
)
def test_every_figure_on_the_page_opens_a_list_exactly_as_long(
    seeded: Journey, acme_client: Client, chosen: str, figures: int
) -> None:
    # given the report, with the panel of a step
    page = acme_client.get(f"/journeys/{seeded.pk}/", {"step": chosen}).content.decode()
    # when each figure's link is followed
    lengths = []
    for found in LINK.finditer(page):
        count = COUNT.search(re.sub(r"<[^>]*>", " ", found["inside"]))
        if count is None:
            continue  # the button "See people" has no figure
        listed = acme_client.get(unescape(found["url"]))
        assert listed.status_code == 200, found["url"]
        rows = len(ROW.findall(listed.content.decode()))
        lengths.append((unescape(found["url"]), int(count[0]), rows))
    # then the list is as long as the figure
    assert [each for each in lengths if each[1] != each[2]] == []
    assert len(lengths) == figures


def test_a_list_says_why_people_left(seeded: Journey, acme_client: Client) -> None:
    # when the list behind a reason is opened
    url = f"/journeys/{seeded.pk}/people/"
    page = acme_client.get(url, {"step": "out1", "what": "left:exit:No VIP"}).content.decode()
    # then it is headed by the owner's words, and each line links to the person's way
    run = Enrolment.objects.get(contact__email="p03@example.com")
    assert "<h1>No VIP</h1>" in page
    assert f"/journeys/{seeded.pk}/people/{run.pk}/" in page


def test_a_wrong_figure_or_step_is_not_found(seeded: Journey, acme_client: Client) -> None:
    url = f"/journeys/{seeded.pk}/people/"
    for asked in (
        {"what": "everybody"},
        {"what": "nonsense", "step": "wait1"},
        {"what": "sent", "step": "wait1"},
    ):
        assert acme_client.get(url, asked).status_code == 404
    with pytest.raises(UnknownPeople):
        people(journey=seeded, what="branch", step_id="split1")


def test_somebody_twice_in_a_journey_is_one_person_with_their_newest_run(
    ada: Contact, now: Any
) -> None:
    # given Ada, who ran through a journey twice
    journey = live(now, step("tag1", "add_tag", {"tag": "x"}), settings={"re_entry": "always"})
    for moment in (now, now + HOUR):
        enrol(journey=journey, contact_ids=[ada.pk], now=moment)
        settle(moment)
    # then she is one, shown with the second run
    assert people(journey=journey, what="started").count() == 1
    assert newest_runs(journey, [ada.pk])[ada.pk].started_at == now + HOUR


def test_people_at_steps_of_an_earlier_version_are_shown_apart(
    ada: Contact, acme_client: Client, now: Any
) -> None:
    # given Ada at a wait that the next version does not have
    journey = live(now, step("wait1", "wait", {"amount": 2, "unit": "days"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    changed = definition(step("tag1", "add_tag", {"tag": "x"}))
    services.save_draft(journey=journey, definition=changed, now=now)
    services.publish_journey(journey=journey, now=now + DAY)
    # when the report is read
    page = acme_client.get(f"/journeys/{journey.pk}/").content.decode()
    # then she is counted apart, and the list has her
    assert "At steps of earlier versions:" in page
    url = f"/journeys/{journey.pk}/people/?step=wait1&what=waiting"
    assert url.replace("&", "&amp;") in page
    assert "ada@example.com" in acme_client.get(url).content.decode()


def test_mails_to_people_who_are_gone_are_in_no_figure(seeded: Journey) -> None:
    # when somebody who opened is deleted
    Contact.objects.get(email="p01@example.com").delete()
    # then figure and list lose them together
    node = find_step(parse(seeded.draft), "mail1")
    opened = people(journey=seeded, what="opened", step_id="mail1", node=node)
    figures = step_figures(seeded.pk, [("mail1", "send_email")])["mail1"]
    assert [figure.count for figure in figures if figure.what == "opened"] == [3]
    assert opened.count() == 3
