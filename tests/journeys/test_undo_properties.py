"""Undoing any sequence gives exactly the former trees, doing it again exactly the later ones."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from core.errors import Invalid
from journeys import services
from journeys.definition import parse
from journeys.drafts import operate
from journeys.models import DraftEdit, Journey
from tests.journeys.drawing import acts, numbers, picking

# Each an operation, or how often to undo (below 0) or to do again.
MOVES = some.lists(numbers | some.integers(-4, 4), min_size=1, max_size=16)


class Drawer:
    """A journey, and the trees it ought to go through: `at` is where it stands among them."""

    def __init__(self, now: Any) -> None:
        self.now = now
        self.journey = services.create_journey(name="Care", now=now)
        self.trees = [self.journey.draft]
        self.at = 0

    def do(self, op: str, fields: dict[str, Any]) -> bool:
        """Whether it was done; a refusal leaves everything as it was."""
        fresh = Journey.objects.get(pk=self.journey.pk)
        before = (fresh.draft, fresh.draft_revision, list(fresh.edits.values()))
        try:
            operate(journey=fresh, op=op, given=fields, revision=None, now=self.now)
        except Invalid:
            fresh = Journey.objects.get(pk=self.journey.pk)
            assert (fresh.draft, fresh.draft_revision, list(fresh.edits.values())) == before
            return False
        return True

    def draw(self, drawn: list[int]) -> None:
        draft = self.trees[self.at]
        op, fields = acts(parse(draft), picking(drawn))
        if self.do(op, fields):
            after = Journey.objects.get(pk=self.journey.pk).draft
            if after != draft:
                self.trees = [*self.trees[: self.at + 1], after]
                self.at += 1

    def turn(self, times: int) -> None:
        for _each in range(abs(times)):
            there = self.at + (1 if times > 0 else -1)
            is_possible = 0 <= there < len(self.trees)
            assert self.do("redo" if times > 0 else "undo", {}) is is_possible
            self.at = there if is_possible else self.at
            self.check()

    def check(self) -> None:
        assert Journey.objects.get(pk=self.journey.pk).draft == self.trees[self.at]
        assert DraftEdit.objects.filter(journey=self.journey).count() == len(self.trees) - 1


@hypothesis_settings(
    max_examples=20,
    deadline=timedelta(seconds=60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves=MOVES)
def test_undo_and_redo_give_exactly_the_trees_there_were(acme: Any, now: Any, moves: Any) -> None:
    drawer = Drawer(now)
    for move in moves:
        if isinstance(move, int):
            drawer.turn(move)
        else:
            drawer.draw(move)
        drawer.check()
    drawer.turn(-len(drawer.trees))
    assert drawer.at == 0
    drawer.turn(len(drawer.trees))
    assert drawer.at == len(drawer.trees) - 1
