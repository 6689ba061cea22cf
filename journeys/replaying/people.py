"""The people behind a figure of a replay, and the figures on the steps of its tree."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from journeys import people
from journeys.contracts import StepCount
from journeys.definition import find_step
from journeys.models import Replay
from journeys.replaying.shown import (
    Column,
    comparison,
    endings,
    held_back,
    not_let_in,
    shared_with,
)
from journeys.replaying.tally import part
from journeys.tree import entry_words, step_title

OF_MESSAGES = {
    "send": gettext_lazy("Would have been sent this"),
    "deferred": gettext_lazy("Would still wait for this"),
    "skipped": gettext_lazy("Would not have been sent this"),
    "failed": gettext_lazy("Could not have been sent this"),
}


def heading(key: str, column: Column) -> str:
    """What a list of people shows, in words; raises KeyError for a figure there is not."""
    if column.name in ("draft", "live") and key.startswith("step:"):
        return _of_step(key, column)
    if key.startswith("entry:"):
        return dict(_of_entries(column))[key]
    lines = [
        *comparison([column]),
        *held_back([column]),
        *not_let_in([column]),
        *endings([column]),
        *shared_with([column]),
    ]
    return {line.cells[0].key: line.label for line in lines if line.cells[0].key}[key]


def _of_entries(column: Column) -> list[tuple[str, str]]:
    return [
        (f"entry:{number}", words) for number, words in enumerate(entry_words(column.definition))
    ]


def _of_step(key: str, column: Column) -> str:
    _step, _colon, rest = key.partition(":")
    step_id, _colon, what = rest.partition(":")
    node = find_step(column.definition, step_id)
    if node is None or not what:
        raise KeyError(key)
    words = (
        str(OF_MESSAGES[what]) if what in OF_MESSAGES else people.heading(what, node, of_step=True)
    )
    return f"{step_title(node)}: {words}"


def sampled(replay: Replay, column: Column, key: str) -> list[Contact]:
    """Some of the people behind a figure, in the order they were rehearsed; all of a small one."""
    ids = [UUID(each) for each in replay.samples.get(column.name, {}).get(key, ())]
    if key == "week" and column.week["contact"]:
        ids = [UUID(column.week["contact"])]
    known = Contact.objects.in_bulk(ids)
    return [known[each] for each in ids if each in known]


def step_counts(column: Column) -> dict[str, list[StepCount]]:
    """Messages sent and held back at each step, for the tree."""
    labels = {"send": _("Sent"), "deferred": _("Waiting"), "skipped": _("Held back")}
    found: dict[str, list[StepCount]] = {}
    for key, number in part(column.written.get("people", {}), "step:").items():
        step_id, _colon, what = key.partition(":")
        if what in labels:
            entered = column.people(f"step:{step_id}:entered")
            found.setdefault(step_id, []).append(StepCount(what, labels[what], number, of=entered))
    order = list(labels)
    return {
        each: sorted(counts, key=lambda c: order.index(c.what)) for each, counts in found.items()
    }
