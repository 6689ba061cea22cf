"""The pages of a replay: asking, progress, figures with their people, refusals, somebody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from journeys.models import Journey, Replay
from journeys.replaying.asking import request_replay
from journeys.replaying.running import continue_replay
from journeys.services import create_journey, publish_journey, save_draft
from tests.journeys.conftest import DAY, step
from tests.journeys.replaying import (
    ORDERS,
    after_an_order,
    drafted,
    finish,
    happens,
    person,
    replayed,
    shop_history,
)

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})


def url(name: str, *args: Any, **query: str) -> str:
    """The address of a page of a replay."""
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"journeys:{name}", args=args, urlconf="config.urls") + (
        f"?{asked}" if asked else ""
    )


def page(client: Client, journey: Journey, **query: str) -> str:
    """The page of replays."""
    response = client.get(url("replay", journey.pk, **query))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def compared(acme: Any, now: Any) -> Replay:
    """A draft for VIPs alone, compared with a live journey for everybody."""
    shop_history(now)
    journey = drafted(now)
    publish_journey(journey=journey, now=now)
    vips = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
    changed = after_an_order(now, entries=[{**ORDERS[0], "only": vips}])
    save_draft(journey=journey, definition=changed, now=now)
    return replayed(journey, now)


def test_before_the_first_one_the_page_says_what_it_is(acme_client: Client, now: Any) -> None:
    journey = drafted(now)

    shown = page(acme_client, journey)

    assert "No replay yet" in shown
    assert 'name="days" value="30"' in shown
    assert 'name="days" value="90"' in shown


def test_pressing_the_button_queues_a_replay_that_shows_its_progress(acme_client: Client) -> None:
    shop_history(timezone.now())
    journey = drafted(timezone.now())

    response = acme_client.post(url("replay_start", journey.pk), {"days": "90"})

    assert (response.status_code, response["Location"]) == (302, url("replay", journey.pk))
    replay = Replay.objects.get()
    assert (replay.days, replay.status, replay.asked_by_name) == (90, "waiting", "Acme Owner")
    shown = page(acme_client, journey)
    progress = url("replay_progress", journey.pk, replay.pk)
    assert f'hx-get="{progress}" hx-trigger="every 2s"' in shown
    assert "0 of 6 people looked at" in shown
    # and without a script there is a link, and nothing more to start
    assert f'href="{url("replay", journey.pk, replay=str(replay.pk))}"' in shown
    assert 'name="days"' not in shown


def test_the_progress_answers_a_piece_and_then_the_whole_page(
    acme_client: Client, now: Any
) -> None:
    shop_history(now)
    replay = request_replay(journey=drafted(now), days=90, now=now)
    continue_replay(now, limit=2)
    address = url("replay_progress", replay.journey_id, replay.pk)
    here = url("replay", replay.journey_id, replay=str(replay.pk))

    piece = acme_client.get(address, headers={"HX-Request": "true"})
    assert "2 of 6 people looked at" in piece.content.decode()
    assert "<html" not in piece.content.decode()
    finish(now)

    over = acme_client.get(address, headers={"HX-Request": "true"})
    assert over["HX-Redirect"] == here
    assert acme_client.get(address)["Location"] == here


def test_the_result_compares_the_draft_with_what_is_live(
    acme_client: Client, compared: Replay
) -> None:
    shown = page(acme_client, compared.journey)

    # each figure of the draft and of the live version, with the people behind it
    assert '<th scope="row">Would have entered</th>' in shown
    draft = url("replay_people", compared.journey_id, compared.pk, side="draft", of="started")
    live = url("replay_people", compared.journey_id, compared.pk, side="live", of="started")
    assert f'href="{draft.replace("&", "&amp;")}" aria-label="Would have entered: 1">1</a>' in shown
    assert f'href="{live.replace("&", "&amp;")}" aria-label="Would have entered: 4">4</a>' in shown
    # the rule that held back, why some were not let in, the tree, the chart, and what to know
    assert "has not agreed" in shown or "no_consent" in shown
    assert "among those the entry is for" in shown
    assert 'class="jb inset"' in shown
    assert "Messages per day: 1 in 91 days" in shown
    assert "What keeps no history is read as it is today" in shown
    assert "2 people had nothing happen that could have let them in." in shown


def test_the_tree_shows_the_version_chosen(acme_client: Client, compared: Replay) -> None:
    draft = page(acme_client, compared.journey)
    live = page(acme_client, compared.journey, side="live")

    assert "Entered 1: the people of" in draft
    assert "Entered 4: the people of" in live


def test_each_figure_opens_the_list_of_its_people(acme_client: Client, compared: Replay) -> None:
    for side, key, expected in (
        ("draft", "started", ["Ada"]),
        ("live", "started", ["Ada", "Bob", "Dora", "Emil"]),
        ("live", "held:no_consent", ["Dora"]),
        ("live", "step:mail1:send", ["Ada", "Bob", "Emil"]),
        ("live", "step:split1:left:branch:0", ["Ada"]),
        ("live", "entry:0", ["Ada", "Bob", "Dora", "Emil"]),
        ("draft", "refused:not_in_audience", ["Bob", "Dora", "Emil"]),
    ):
        address = url("replay_people", compared.journey_id, compared.pk, side=side, of=key)
        response = acme_client.get(address)
        assert response.status_code == 200, key
        names = [contact.first_name for contact, _walk in response.context["people"]]
        assert sorted(names) == expected, key


@pytest.mark.parametrize("query", [{"of": "nonsense"}, {"of": "step:gone:entered"}, {"side": "x"}])
def test_people_of_no_figure_are_not_found(
    acme_client: Client, compared: Replay, query: dict[str, str]
) -> None:
    address = url("replay_people", compared.journey_id, compared.pk, **query)
    assert acme_client.get(address).status_code == 404


def test_nobody_would_have_entered_says_what_came_closest(acme_client: Client, now: Any) -> None:
    # given orders of which none is large enough
    shop_history(now)
    large = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "500"}
    journey = drafted(now, entries=[{"kind": "event_received", "config": large}])

    replayed(journey, now)

    shown = page(acme_client, journey)
    assert "Nobody would have entered" in shown
    assert "there were 5 such events, and none passed the filter" in shown


def test_a_draft_with_problems_is_refused_in_words(acme_client: Client, now: Any) -> None:
    half = {"entries": ORDERS, "steps": [step("wait1", "wait")]}
    journey = create_journey(name="Half", definition=half, now=now)

    response = acme_client.post(url("replay_start", journey.pk), {"days": "30"})

    assert response.status_code == 422
    assert "This field is required" in response.content.decode()
    assert not Replay.objects.exists()


@pytest.mark.parametrize("days", ["", "7", "-30", "30.0", "٣٠", "9" * 400, "\x00"])
def test_other_numbers_of_days_are_refused(acme_client: Client, now: Any, days: str) -> None:
    response = acme_client.post(url("replay_start", drafted(now).pk), {"days": days})

    assert response.status_code == 422
    assert "Choose the last 30 or the last 90 days." in response.content.decode()
    assert not Replay.objects.exists()


def test_stopping_it_keeps_the_figures_so_far(acme_client: Client, now: Any) -> None:
    shop_history(now)
    replay = request_replay(journey=drafted(now), days=90, now=now)
    continue_replay(now, limit=3)

    acme_client.post(url("replay_cancel", replay.journey_id, replay.pk))

    replay.refresh_from_db()
    assert replay.status == "cancelled"
    shown = page(acme_client, replay.journey)
    assert "The replay was stopped after 3 of 6 people." in shown
    assert "Would have entered" in shown


def test_a_failed_one_says_why(acme_client: Client, now: Any) -> None:
    replay = request_replay(journey=drafted(now), days=90, now=now)
    Replay.objects.update(status="failed", error="The disk is full.", finished_at=now)

    shown = page(acme_client, replay.journey)

    assert "The replay did not come to its end." in shown
    assert "The disk is full." in shown
    assert 'name="days" value="90"' in shown


def test_earlier_replays_can_be_opened(acme_client: Client, now: Any) -> None:
    shop_history(now)
    journey = drafted(now)
    first = replayed(journey, now - 30 * DAY, days=30)
    replayed(journey, now, days=90)

    shown = page(acme_client, journey, replay=str(first.pk))

    assert f'href="?replay={first.pk}" aria-current="page"' in shown
    assert "4 people would have entered" in shown
    assert acme_client.get(url("replay", journey.pk, replay="nonsense")).status_code == 404


def test_a_viewer_reads_and_starts_nothing(
    acme: Any, compared: Replay, client_of: Any, now: Any
) -> None:
    from tenants.models import Membership, User

    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery")
    Membership.objects.create(workspace=acme, user=viewer, role="viewer")
    client = client_of(acme, viewer)

    assert 'name="days"' not in page(client, compared.journey)
    refused = client.post(url("replay_start", compared.journey_id), {"days": "30"})
    assert refused.status_code == 403
    assert Replay.objects.count() == 1


def test_globex_finds_nothing(acme: Any, globex_client: Client, compared: Replay) -> None:
    for name, method in (
        ("replay_progress", "get"),
        ("replay_people", "get"),
        ("replay_cancel", "post"),
    ):
        address = url(name, compared.journey_id, compared.pk)
        assert getattr(globex_client, method)(address).status_code == 404
    assert globex_client.get(url("replay", compared.journey_id)).status_code == 404
    connection.set_tenant(acme)
    compared.refresh_from_db()
    assert compared.status == "done"


def test_the_page_asks_few_questions(acme_client: Client, compared: Replay, now: Any) -> None:
    page(acme_client, compared.journey)
    with CaptureQueriesContext(connection) as few:
        page(acme_client, compared.journey)
    # given many more people
    for number in range(30):
        happens(person(f"p{number:02}", now), "order.placed", now - DAY)
    replayed(compared.journey, now + DAY)

    with CaptureQueriesContext(connection) as many:
        page(acme_client, compared.journey)

    assert len(many) <= len(few) <= 20
