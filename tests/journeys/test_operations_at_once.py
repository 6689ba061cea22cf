"""Two people press at the same moment: exactly one wins, and the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from journeys import services
from journeys.draft_log import Author
from journeys.drafts import DraftChanged, operate
from journeys.models import DraftEdit, Journey
from tests.journeys.conftest import definition, step

ROUNDS = 5


def test_of_two_at_once_one_wins(committed: Any, now: Any) -> None:
    drawn = definition(step("wait1", "wait", {"amount": 2, "unit": "days"}))
    journey = services.create_journey(name="Care", definition=drawn, now=now)
    barrier = Barrier(2)

    def press(name: str, revision: int) -> str:
        connection.set_tenant(committed)
        try:
            barrier.wait(10)
            operate(
                journey=Journey(pk=journey.pk), op="insert", given={"kind": "exit"},
                revision=revision, by=Author(name=name), now=now,
            )  # fmt: skip
        except DraftChanged as refusal:
            return refusal.message
        finally:
            connection.close()
        return name

    with ThreadPoolExecutor(2) as pool:
        for revision in range(ROUNDS):
            said = set(pool.map(press, ["Sam", "Robin"], [revision] * 2))
            [winner] = said & {"Sam", "Robin"}
            [told] = said - {winner}
            assert told == f"{winner} changed this 0 seconds ago: added “Exit”."
    journey.refresh_from_db()
    assert len(journey.draft["steps"]) == 1 + ROUNDS
    assert journey.draft_revision == ROUNDS
    edits = DraftEdit.objects.order_by("number").values_list("number", "revision")
    assert list(edits) == [(each, each) for each in range(1, ROUNDS + 1)]
