"""The page of the report: its period, its panels, and that every number is as long as its list."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from contacts.models import Contact
from journeys import services
from journeys.contracts import EVER, ReportPanel, Window, report_panels
from journeys.enrolment import enrol, remove
from journeys.models import Enrolment, Journey
from journeys.numbers import journey_numbers, step_numbers
from journeys.people import people
from journeys.reporting.facts import Facts, facts_of
from journeys.ways import zone_of
from tests.journeys.conftest import DAY, HOUR, definition, live, settle, step
from tests.journeys.seeding import seed
from tests.journeys.test_pages import MOST_QUERIES, asked

pytestmark = pytest.mark.usefixtures("two_days_later")

# The ten of the first day, in the workspace's zone.
FIRST_DAY = {"period": "own", "since": "2026-11-20", "until": "2026-11-20"}
LINK = re.compile(r'href="(?P<url>[^"]*/people/\?[^"]*)"[^>]*>(?P<inside>.*?)</a>', re.S)
COUNT = re.compile(r"\d+")
TOTAL = re.compile(r"<p>(\d+) p(?:erson|eople)")


@pytest.fixture
def seeded(acme: Any, now: datetime) -> Journey:
    """Ten came in at `now`, two more two days later."""
    return seed(now)


def report(client: Client, journey: Journey, **given: str) -> str:
    return client.get(f"/journeys/{journey.pk}/", given).content.decode()


def facts(journey: Journey, window: Window, now: datetime) -> Facts:
    return facts_of(journey=journey, window=window, now=now, zone=zone_of(""))


def several(count: int) -> list[Contact]:
    return [Contact.objects.create(email=f"m{number:02}@example.com") for number in range(count)]


# --- the period


def test_every_number_of_a_period_opens_a_list_exactly_as_long(
    seeded: Journey, acme_client: Client
) -> None:
    # given the report of the first day alone, with each panel in turn
    seen = {}
    for chosen in ("", "mail1", "wait1", "split1", "out1"):
        page = report(acme_client, seeded, step=chosen, **FIRST_DAY)
        for found in LINK.finditer(page):
            shown = COUNT.search(re.sub(r"<[^>]*>", " ", found["inside"]))
            if shown:
                seen[unescape(found["url"])] = int(shown[0])
    # when every link on it is followed
    wrong = []
    for url, number in seen.items():
        assert "period=own&since=2026-11-20&until=2026-11-20" in url
        [total] = TOTAL.findall(acme_client.get(url).content.decode())
        if int(total) != number:
            wrong.append((url, number, int(total)))
    # then each list is as long as its number
    assert wrong == []
    assert len(seen) == 28
    assert seen[f"/journeys/{seeded.pk}/people/?what=started&period=own&since=2026-11-20"
                "&until=2026-11-20"] == 10  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words", "entered"),
    [
        ({}, "Everybody who ever came in", 12),
        ({"period": "nonsense"}, "Everybody who ever came in", 12),
        ({"period": "7"}, "People who came in during the last 7 days", 12),
        ({"period": "v1"}, "People who came in since version 1 was published, 20 Nov 2026", 12),
        ({"period": "v9"}, "Everybody who ever came in", 12),
        (FIRST_DAY, "People who came in from 20 Nov 2026 to 20 Nov 2026", 10),
        ({"period": "own", "since": "2026-11-21"}, "People who came in from 21 Nov 2026 on", 2),
        ({"period": "own", "until": "2026-11-19"}, "People who came in until 19 Nov 2026", 0),
        ({"period": "all", "first": "2026-11-22", "last": "2026-11-22"},
         "People who came in on 22 Nov 2026", 2),
    ],
)  # fmt: skip
def test_the_period_says_whom_it_counts(
    seeded: Journey, acme_client: Client, given: dict[str, str], words: str, entered: int
) -> None:
    # when the report of a period is opened
    page = report(acme_client, seeded, **given)
    # then it says so, and counts those
    assert f"<small>{words}</small>" in page
    assert re.search(rf'what=started[^"]*"><b>{entered}</b>entered</a>', page)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"since": "2026-13-45"}, "Enter a valid date."),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "The last day is before the first."),
        ({"since": "0001-01-01"}, "Choose a day from the year 2000 on."),
        ({"until": "9999-12-31"}, "Choose a day from the year 2000 on."),
        ({}, "Choose at least one of the two days."),
    ],
)
def test_days_that_are_none_are_refused_in_words_and_given_back(
    seeded: Journey, acme_client: Client, given: dict[str, str], sentence: str
) -> None:
    # when own days are given that are none
    response = acme_client.get(f"/journeys/{seeded.pk}/", {"period": "own", **given})
    page = response.content.decode()
    # then the page says so at the field, keeps what was typed, and counts the usual period
    assert response.status_code == 422
    assert sentence in page
    for value in given.values():
        assert f'value="{value}"' in page
    assert "Everybody who ever came in" in page
    # and lists and files lead back to it instead of counting something else
    for address in ("people/", "people/file/", "report/steps.csv", "report/by-day.csv"):
        refused = acme_client.get(f"/journeys/{seeded.pk}/{address}", {"period": "own", **given})
        assert refused.status_code == 302, address


def test_an_old_journey_shows_its_last_ninety_days(
    seeded: Journey, acme_client: Client, now: datetime
) -> None:
    Journey.objects.update(created_at=now - 200 * DAY)
    assert "People who came in during the last 90 days" in report(acme_client, seeded)


# --- the panels


@pytest.mark.parametrize("panel", list(report_panels), ids=lambda panel: panel.key)
def test_a_panel_can_be_drawn_and_names_its_lists(panel: ReportPanel) -> None:
    get_template(panel.template)
    assert ":" not in panel.key
    assert (panel.people is None) == (panel.heading is None)


# --- the panel of the whole journey


def test_the_reasons_for_leaving_add_up_to_those_who_left(
    ada: Contact, bob: Contact, now: datetime
) -> None:
    # given Ada, who left twice for two reasons, and Bob, who left once
    journey = live(
        now,
        step("wait1", "wait", {"amount": 1, "unit": "days"}),
        step("out1", "exit", {"reason": "Had enough"}),
        settings={"re_entry": "always"},
    )
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now + DAY)
    enrol(journey=journey, contact_ids=[ada.pk], now=now + 2 * DAY)
    settle(now + 2 * DAY)
    remove(enrolment_ids=[Enrolment.objects.get(status="active").pk], now=now + 2 * DAY)
    # then she counts with the last reason of the window
    for window, reasons in (
        (EVER, {"removed": 1, "Had enough": 1}),
        (Window(until=now + DAY), {"Had enough": 2}),
    ):
        found = facts(journey, window, now).exits
        assert found == reasons
        assert sum(found.values()) == journey_numbers([journey.pk], window)[journey.pk].exited_early
        for reason, number in found.items():
            listed = people(journey=journey, what=f"exits:{reason}", window=window)
            assert listed.count() == number


def test_the_time_to_the_goal_is_told_once_there_are_ten(
    acme_client: Client, now: datetime
) -> None:
    # given nine who reached the goal, one an hour later than the other
    journey = live(
        now, step("wait1", "wait", {"amount": 1, "unit": "days"}), goal={"event": "order.placed"}
    )
    everybody = several(10)
    enrol(journey=journey, contact_ids=[each.pk for each in everybody], now=now)
    for hours, person in enumerate(everybody[:9], start=1):
        Enrolment.objects.filter(contact=person).update(converted_at=now + hours * HOUR)
    page = report(acme_client, journey)
    # then it says how many are missing
    assert "Not enough yet: 9 reached the goal, and it takes 10 to tell." in page
    # when the tenth comes four days later
    Enrolment.objects.filter(contact=everybody[9]).update(converted_at=now + 4 * DAY)
    # then there is a middle, and each group has its people
    found = facts(journey, EVER, now)
    assert found.median_to_goal == timedelta(hours=5.5)
    assert found.goal_times == {1: 9, 3: 1}
    assert "Half of them reach it within 5.5 hours." in report(acme_client, journey)
    for group, number in ((0, 0), (1, 9), (2, 0), (3, 1), (6, 0)):
        assert people(journey=journey, what=f"goal_time:{group}").count() == number
    assert acme_client.get(
        f"/journeys/{journey.pk}/people/", {"what": "goal_time:7"}
    ).status_code == 404  # fmt: skip


def test_those_held_out_are_in_no_panel(ada: Contact, bob: Contact, now: datetime) -> None:
    # given Bob, held out, who would count everywhere
    journey = live(now, step("tag1", "add_tag", {"tag": "x"}), goal={"event": "order.placed"})
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    Enrolment.objects.filter(contact=bob).update(
        holdout=True, status="exited", exit_reason="x", ended_at=now, converted_at=now
    )
    # then
    found = facts(journey, EVER, now)
    assert (found.exits, found.goal_times, found.recent) == ({}, {}, 1)
    assert list(found.arrived.values()) == [1]


@pytest.mark.parametrize("window", [EVER, "first"])
def test_the_report_and_the_api_count_steps_alike(
    seeded: Journey, now: datetime, window: Any
) -> None:
    window = Window(until=now + DAY) if window == "first" else window
    assert facts(seeded, window, now).steps == step_numbers(seeded, window)


# --- earlier versions, states, other workspaces


@pytest.mark.parametrize("act", ["pause_journey", "archive_journey"])
def test_steps_of_earlier_versions_are_named_in_every_state(
    ada: Contact, acme_client: Client, now: datetime, act: str
) -> None:
    # given Ada at a wait that the second version does not have, in a journey that stands still
    journey = live(now, step("wait1", "wait", {"amount": 2, "unit": "days"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    changed = definition(step("tag1", "add_tag", {"tag": "x"}))
    services.save_draft(journey=journey, definition=changed, now=now)
    services.publish_journey(journey=journey, now=now + HOUR)
    getattr(services, act)(journey=journey, now=now + HOUR)
    # when the report is read
    page = report(acme_client, journey)
    # then the step is named, and its people are listed under its name
    assert "At steps of earlier versions" in page
    assert "Wait: 2 days" in page
    listed = acme_client.get(
        f"/journeys/{journey.pk}/people/", {"step": "wait1", "what": "entered"}
    )
    assert "Wait: 2 days" in listed.content.decode()
    assert "ada@example.com" in listed.content.decode()


def test_another_workspace_sees_no_report(
    seeded: Journey, globex: Any, globex_client: Client
) -> None:
    for address in ("", "people/", "people/file/", "report/steps.csv", "report/by-week.csv"):
        response = globex_client.get(f"/journeys/{seeded.pk}/{address}", FIRST_DAY)
        assert response.status_code == 404, address
    with schema_context(globex.schema_name):
        assert step_numbers(seeded) == {}


# --- statements


def test_a_journey_with_everything_asks_no_more_than_twelve_queries(
    seeded: Journey, acme_client: Client, now: datetime
) -> None:
    # given a journey whose steps are counted by every floor
    raw = {**seeded.draft}
    raw["steps"] = [
        *raw["steps"],
        step("give1", "issue_coupon", {}, [], []),
        step("ask1", "ask_survey", {}),
        step("rev1", "request_review", {"most": 3}),
    ]
    version = seeded.live_version
    assert version
    version.definition = raw
    version.save()
    # when the page, each panel, and what keeps it fresh are asked for
    for given, headers in (
        ({}, {}),
        ({"step": "mail1", **FIRST_DAY}, {}),
        ({"step": "ask1", "as": "percent"}, {}),
        ({"step": "mail1", "live": "1"}, {"HX-Request": "true"}),
    ):
        with CaptureQueriesContext(connection) as queries:
            response = acme_client.get(f"/journeys/{seeded.pk}/", given, headers=headers)
        assert response.status_code == 200
        assert len(asked(queries)) <= MOST_QUERIES, asked(queries)


def test_the_poll_brings_only_what_has_figures(seeded: Journey, acme_client: Client) -> None:
    # given the page with a step chosen
    whole = report(acme_client, seeded, step="wait1")
    # when its poll asks
    fresh = acme_client.get(
        f"/journeys/{seeded.pk}/", {"step": "wait1", "live": "1"}, headers={"HX-Request": "true"}
    ).content.decode()
    # then it brings the parts the page has, with the step chosen, and nothing around them
    parts = re.findall(r'data-live="(\w+)"', fresh)
    assert parts == ["figures", "tree", "inspector"]
    assert sorted(re.findall(r'data-live="(\w+)"', whole)) == sorted(parts)
    assert "2 here now" in fresh
    assert "Was taken out by a colleague" in fresh
    assert "<html" not in fresh
    assert "jb-top" not in fresh
