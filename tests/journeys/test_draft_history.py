"""The log of a draft: what is undone and done again, and what a colleague missed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.errors import Invalid
from journeys import services
from journeys.draft_log import KEPT, Author, History, history_of
from journeys.drafts import DraftChanged, operate
from journeys.models import DraftEdit, Journey
from tests.journeys.conftest import definition, step

SAM, ME = Author(UUID(int=1), "Sam"), Author(UUID(int=2), "Robin")
WAIT = {"amount": 2, "unit": "days"}


@pytest.fixture
def journey(acme: Any, now: datetime) -> Journey:
    """A draft of one wait."""
    return services.create_journey(
        name="Care", definition=definition(step("wait1", "wait", WAIT)), now=now
    )


def do(journey: Journey, op: str, now: datetime, *, by: Author = ME, **given: Any) -> str:
    outcome = operate(journey=journey, op=op, given=given, revision=None, by=by, now=now)
    return outcome.said


def labels(journey: Journey, reader: Author = ME) -> tuple[str, str]:
    history: History = history_of(journey)
    return history.undo_label(reader.id), history.redo_label(reader.id)


def kinds(journey: Journey) -> list[str]:
    journey.refresh_from_db()
    return [each["kind"] for each in journey.draft["steps"]]


def test_undo_and_redo_survive_a_reload_and_restore_exactly(journey: Journey, now: Any) -> None:
    first = journey.draft
    do(journey, "insert", now, kind="exit", place="wait1")
    second = journey.draft
    do(journey, "describe", now, step="wait1", name="Breathe", note="Let them rest")
    third = journey.draft
    # when everything is undone, each time from the rows alone
    assert do(Journey.objects.get(), "undo", now) == "Undone: describe Breathe"
    assert Journey.objects.get().draft == second
    assert do(Journey.objects.get(), "undo", now) == "Undone: add Exit"
    assert Journey.objects.get().draft == first
    with pytest.raises(Invalid) as refusal:
        do(Journey.objects.get(), "undo", now)
    assert refusal.value.code == "nothing_to_undo"
    # then it is done again
    do(Journey.objects.get(), "redo", now)
    assert Journey.objects.get().draft == second
    do(Journey.objects.get(), "redo", now)
    assert Journey.objects.get().draft == third
    with pytest.raises(Invalid) as refusal:
        do(Journey.objects.get(), "redo", now)
    assert refusal.value.code == "nothing_to_redo"
    assert Journey.objects.get().draft_revision == 6


def test_the_labels_say_what_and_whose(journey: Journey, now: Any) -> None:
    assert labels(journey) == ("", "")
    do(journey, "insert", now, kind="send_email", place="", by=SAM)
    assert labels(journey) == ("Undo: add Email (Sam)", "")
    assert labels(journey, SAM) == ("Undo: add Email", "")
    do(journey, "undo", now)
    assert labels(journey) == ("", "Redo: add Email (Sam)")


def test_a_new_edit_drops_what_was_undone(journey: Journey, now: Any) -> None:
    do(journey, "insert", now, kind="exit", place="")
    do(journey, "undo", now)
    do(journey, "insert", now, kind="goal", place="")
    assert labels(journey) == ("Undo: add Goal", "")
    assert DraftEdit.objects.count() == 1


def test_what_changes_nothing_is_not_logged(journey: Journey, now: Any) -> None:
    said = do(journey, "update", now, part="wait1", config=WAIT)
    assert said == "Nothing changed."
    assert (DraftEdit.objects.count(), journey.draft_revision) == (0, 0)


def test_undoing_works_after_publishing(journey: Journey, now: Any) -> None:
    """Publishing writes settings as their forms clean them."""
    # given settings that are kept as a program wrote them
    raw = definition(step("wait1", "wait", {"amount": "3", "unit": "days"}))
    services.save_draft(journey=journey, definition=raw, now=now)
    do(journey, "insert", now, kind="exit", place="wait1")
    services.publish_journey(journey=journey, now=now)
    published = Journey.objects.get().draft
    assert published["steps"][0]["config"] == {"amount": 3, "unit": "days"}
    # when
    do(journey, "undo", now)
    # then
    assert kinds(journey) == ["wait"]
    do(journey, "redo", now)
    assert Journey.objects.get().draft == published
    assert labels(journey) == ("Undo: add Exit", "")


def test_every_way_to_write_a_draft_can_be_undone(journey: Journey, now: Any) -> None:
    first = journey.draft
    services.publish_journey(journey=journey, now=now)
    published = Journey.objects.get().draft
    services.save_draft(journey=journey, definition={"steps": []}, now=now)
    assert labels(journey) == ("Undo: write the whole draft", "")
    do(journey, "restore", now, version=1)
    assert Journey.objects.get().draft == published
    assert labels(journey) == ("Undo: bring back version 1", "")
    do(journey, "undo", now)
    do(journey, "undo", now)
    assert Journey.objects.get().draft["steps"] == first["steps"]
    with pytest.raises(Invalid) as refusal:
        do(journey, "restore", now, version=2)
    assert refusal.value.code == "no_such_version"


def test_the_last_hundred_are_kept(journey: Journey, now: Any) -> None:
    for number in range(KEPT + 5):
        do(journey, "describe", now, step="wait1", name=f"Wait {number}")
    assert DraftEdit.objects.count() == KEPT
    for _each in range(KEPT):
        do(journey, "undo", now)
    assert journey.draft["steps"][0]["name"] == "Wait 4"
    assert labels(journey) == ("", "Redo: describe Wait 5")
    for _each in range(KEPT):
        do(journey, "redo", now)
    assert journey.draft["steps"][0]["name"] == "Wait 104"


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (timedelta(seconds=10), "Sam changed this 10 seconds ago: added “Exit”."),
        (timedelta(minutes=1), "Sam changed this 1 minute ago: added “Exit”."),
        (timedelta(hours=3), "Sam changed this 3 hours ago: added “Exit”."),
        (timedelta(days=2), "Sam changed this 2 days ago: added “Exit”."),
    ],
)
def test_the_second_is_told_who_changed_what(
    journey: Journey, now: Any, later: timedelta, says: str
) -> None:
    do(journey, "insert", now, kind="exit", place="", by=SAM)
    before = Journey.objects.get().draft
    with pytest.raises(DraftChanged) as refusal:
        operate(
            journey=journey, op="delete", given={"step": "wait1"}, revision=0, by=ME,
            now=now + later,
        )  # fmt: skip
    assert (refusal.value.code, refusal.value.message) == ("draft_changed", says)
    assert Journey.objects.get().draft == before
    assert DraftEdit.objects.count() == 1


def test_they_are_told_of_an_undo_too_and_of_their_own_other_window(
    journey: Journey, now: Any
) -> None:
    do(journey, "insert", now, kind="exit", place="", by=ME)
    do(journey, "undo", now, by=SAM)
    with pytest.raises(DraftChanged) as refusal:
        operate(journey=journey, op="redo", given={}, revision=1, by=ME, now=now)
    assert refusal.value.message == "Sam changed this 0 seconds ago: undid “add Exit”."
    with pytest.raises(DraftChanged) as refusal:
        operate(journey=journey, op="redo", given={}, revision=1, by=SAM, now=now)
    assert refusal.value.message == (
        "You changed this 0 seconds ago, in another window: undid “add Exit”."
    )
