"""The report of an A/B test and of a holdout: words, numbers with their lists, and the buttons."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from contacts.models import Contact
from core.statistics import newcombe
from journeys.enrolment import enrol
from journeys.models import Enrolment, SplitDecision
from journeys.split_decisions import decide_by_rule
from tenants.models import Membership, User
from tests.journeys.conftest import DAY, live, settle, step
from tests.journeys.test_ab_test import (
    GOAL,
    convert,
    figures,
    journey_with,
    send_in,
    sent_by_lane,
)

# Long ago, since pages read the clock themselves.
THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)


def page(client, journey, step_id="ab1", **headers):
    """The panel in words: tags left out, white space as one."""
    answer = client.get(f"/journeys/{journey.pk}/?step={step_id}&period=all", **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def tested(acme):
    """Eighty people, whose days are over; in the second variant most reach the goal."""
    journey = journey_with(THEN, least=20)
    send_in(journey, THEN, 80)
    lanes = sent_by_lane(journey)
    convert(lanes[0][:2], THEN + DAY)
    convert(lanes[1][:20], THEN + DAY)
    return journey


def test_the_panel_says_how_each_variant_does(tested, acme_client):
    html = page(acme_client, tested)
    text = words(html)
    first, second = figures(tested, THEN + 30 * DAY)
    assert "Where most people reach the goal" in text
    for variant in (first, second):
        assert f"{variant.sent} came here by chance" in text
        assert f"{variant.successes} with success" in text
        assert f"{100 * variant.successes / variant.people:.1f}%" in text
    assert "> 99.9% chance to be the best" in text
    assert "“B: 50%” minus “A: 50%”: between +" in text


def test_every_number_of_the_panel_opens_a_list_as_long(tested, acme_client):
    html = page(acme_client, tested)
    links = re.findall(r'href="([^"]*what=ab_test[^"]*)"><b>(\d+)</b>', html)
    assert len(links) == 6
    for url, count in links:
        listed = acme_client.get(unescape(url))
        assert listed.status_code == 200
        assert listed.context["total"] == int(count)
        assert "variant" in listed.context["heading"]
    for wrong in ("sent", "sent:2", "sent:x", "all:0"):
        base = f"/journeys/{tested.pk}/people/?step=ab1&what=ab_test:{wrong}"
        assert acme_client.get(base).status_code == 404


def test_before_there_are_enough_it_says_how_many(acme, acme_client):
    journey = journey_with(THEN, least=100)
    send_in(journey, THEN, 80)
    first, second = figures(journey, THEN + 30 * DAY)
    text = words(page(acme_client, journey))
    assert f"Not enough yet: {first.people} of 100 people" in text
    assert f"Not enough yet: {second.people} of 100 people" in text
    assert "chance to be the best" not in text
    assert "minus" not in text


def test_a_test_nobody_came_to_yet_has_a_panel(acme, acme_client):
    journey = journey_with(THEN)
    assert "Not enough yet: 0 of 20 people" in words(page(acme_client, journey))


def test_an_editor_picks_the_winner_and_stops(tested, acme_client):
    # when the first variant is chosen, against the figures
    url = f"/journeys/{tested.pk}/tests/ab1/"
    answer = acme_client.post(url, {"lane": "0"})
    assert (answer.status_code, answer["Location"]) == (302, f"/journeys/{tested.pk}/?step=ab1")
    # then it is the winner by name, and the only button is the other's
    html = page(acme_client, tested)
    assert "by Acme Owner: everybody goes to “A: 50%”." in words(html)
    assert re.findall(r'name="lane" value="(\d?)"', html) == ["1", ""]
    # when it is stopped
    acme_client.post(url, {"lane": ""})
    assert "chance goes on, nothing is decided" in words(page(acme_client, tested))
    made = SplitDecision.objects.get()
    assert (made.lane, made.is_followed) == (None, False)


def test_what_the_rule_found_is_told(tested, acme_client):
    decide_by_rule(THEN + 8 * DAY)
    text = words(page(acme_client, tested))
    assert "Decided on Jan. 13, 2026 by the rule: everybody goes to “B: 50%”." in text
    assert "Winner" in text


@pytest.mark.parametrize("lane", ["2", "-1", "x", "99999999999999999999"])
def test_a_variant_that_is_not_there_is_refused_in_words(tested, acme_client, lane):
    answer = acme_client.post(f"/journeys/{tested.pk}/tests/ab1/", {"lane": lane}, follow=True)
    assert "The A/B test has no such variant." in words(answer.content.decode())
    assert not SplitDecision.objects.exists()


def test_a_viewer_sees_and_does_not_decide(tested, acme, client_of):
    user = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=user, workspace=acme, role="viewer")
    viewer = client_of(acme, user)
    assert 'name="lane"' not in page(viewer, tested)
    assert viewer.post(f"/journeys/{tested.pk}/tests/ab1/", {"lane": "0"}).status_code == 403
    assert not SplitDecision.objects.exists()


def test_the_panel_comes_alone_and_with_its_buttons(tested, acme_client):
    html = page(acme_client, tested, headers={"HX-Request": "true"})
    assert "<html" not in html
    assert html.count('name="lane"') == 3


# --- holdout


def compared(now, converted, held_converted, count=300):
    """A journey with a holdout; so many of each group reached the goal."""
    wait = step("rest", "wait", {"amount": 60, "unit": "days"})
    journey = live(now, wait, goal=GOAL, settings={"holdout": 50})
    made = Contact.objects.bulk_create(Contact(email=f"h{n}@example.com") for n in range(count))
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    settle(now)
    for held, number in ((False, converted), (True, held_converted)):
        runs = Enrolment.objects.filter(holdout=held).values_list("pk", flat=True)[:number]
        Enrolment.objects.filter(pk__in=list(runs)).update(converted_at=now + DAY)
    return journey


@pytest.mark.parametrize(
    ("converted", "held", "said"),
    [
        (60, 20, "The journey brings people to the goal."),
        (20, 60, "The journey keeps people from the goal."),
        (31, 30, "That may be chance."),
    ],
)
def test_the_lift_is_told_with_its_interval(acme, acme_client, converted, held, said):
    journey = compared(THEN, converted, held)
    groups = [Enrolment.objects.filter(holdout=each).count() for each in (False, True)]
    low, high = newcombe((converted, groups[0]), (held, groups[1]))
    lift = 100 * (converted / groups[0] - held / groups[1])
    html = page(acme_client, journey, step_id="")
    told = f"Lift: {lift:+.1f} points (95% sure: between {100 * low:+.1f} and {100 * high:+.1f})."
    assert told in words(html)
    assert said in words(html)
    # and each number is a list as long
    panel = html[html.index("What the journey brings") :]
    links = re.findall(r'href="([^"]*what=[^"]*)"[^>]*><b>(\d+)</b>', panel)[:4]
    assert [int(count) for _url, count in links] == [converted, held, *groups]
    for url, count in links:
        assert acme_client.get(unescape(url)).context["total"] == int(count)


def test_with_few_held_out_nothing_is_said_of_the_lift(acme, acme_client):
    journey = compared(THEN, 20, 5, count=150)
    groups = [Enrolment.objects.filter(holdout=each).count() for each in (False, True)]
    text = words(page(acme_client, journey, step_id=""))
    assert (
        f"Not enough yet: {groups[0]} of 100 people in the journey, {groups[1]} of 100 held out."
        in text
    )
    assert "Lift" not in text


def test_without_a_holdout_there_is_no_such_panel(tested, acme_client):
    assert "What the journey brings" not in words(page(acme_client, tested, step_id=""))
