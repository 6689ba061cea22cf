"""Replays by API: asked for, read, stopped, and refused with a code."""

from typing import Any

import pytest
from django.utils import timezone

from journeys.models import Replay
from journeys.services import create_journey
from tests.journeys.conftest import definition, step
from tests.journeys.replaying import drafted, finish, shop_history

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})


def test_a_replay_is_asked_for_and_read(api: Any, now: Any) -> None:
    # given a history that lies in the last ninety days of the real clock
    shop_history(timezone.now())
    journey = drafted(now)

    made = api.post(f"/journeys/{journey.pk}/replays", {"days": 90})

    assert made.status_code == 201
    assert (made.json()["status"], made.json()["days"], made.json()["total"]) == ("waiting", 90, 6)
    address = f"/journeys/{journey.pk}/replays/{made.json()['id']}"
    assert api.get(address).json()["draft"] is None

    finish(timezone.now())

    read = api.get(address).json()
    assert (read["status"], read["done"], read["live"]) == ("done", 6, None)
    draft = read["draft"]
    assert (draft["started"], draft["runs"], draft["messages"]) == (4, 4, 3)
    assert draft["held_back"][0]["rule"] == "no_consent"
    assert draft["not_let_in"] == {"entered_before": 1}
    assert draft["endings"] == {"": 2, "Refunded": 1, "in_progress": 1}
    assert sum(each["messages"] for each in draft["per_day"]) == 3
    assert {each["id"]: each["entered"] for each in draft["steps"]}["mail1"] == 4
    assert [
        each["id"] for each in api.get(f"/journeys/{journey.pk}/replays").json()["results"]
    ] == [read["id"]]


def test_stopping_twice_is_refused(api: Any, now: Any) -> None:
    journey = drafted(now)
    made = api.post(f"/journeys/{journey.pk}/replays", {}).json()
    address = f"/journeys/{journey.pk}/replays/{made['id']}/cancel"

    assert api.post(address).json()["status"] == "cancelled"
    again = api.post(address)

    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_one_at_a_time(api: Any, now: Any) -> None:
    journey = drafted(now)
    api.post(f"/journeys/{journey.pk}/replays", {"days": 30})

    again = api.post(f"/journeys/{journey.pk}/replays", {"days": 90})

    assert (again.status_code, again.json()["code"]) == (409, "replay_open")
    assert Replay.objects.count() == 1


def test_a_journey_by_hand_has_no_history(api: Any, now: Any) -> None:
    journey = create_journey(name="By hand", definition=definition(WAIT), now=now)

    refused = api.post(f"/journeys/{journey.pk}/replays", {"days": 30})

    assert (refused.status_code, refused.json()["code"]) == (409, "no_history")
    assert not Replay.objects.exists()


@pytest.mark.parametrize("body", [{"days": 7}, {"days": "all"}, {"weeks": 4}, {"days": None}])
def test_a_body_that_says_something_else_is_refused(api: Any, now: Any, body: Any) -> None:
    journey = drafted(now)

    assert api.post(f"/journeys/{journey.pk}/replays", body).status_code == 400
    assert not Replay.objects.exists()
