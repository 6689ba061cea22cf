"""What the builder of a draft offers beside settings: steps to add, places, branches to keep."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Invalid
from journeys.contracts import Step, entries
from journeys.definition import Definition, StepNode, find_step, walk
from journeys.operations.move import places_within
from journeys.operations.paste import source
from journeys.places import (
    MAX_DEPTH,
    allowed_at,
    every_place,
    first_lanes,
    height,
    lane_label,
    place_in_words,
    place_of,
    size,
)
from journeys.tree import entry_words, step_title, step_titles

FAMILIES = {
    "message": lambda: _("Messages"),
    "wait": lambda: _("Timing"),
    "logic": lambda: _("Logic"),
    "data": lambda: _("Contact data"),
    "exit": lambda: _("End"),
}
# What was copied, in the session of whoever copied it.
COPIED = "copied_step"


def palette(definition: Definition, place: str) -> list[tuple[str, list[tuple[Step, list[str]]]]]:
    """The steps that may be added at a place, by family, each with the lanes it begins with.

    At the beginning where the place is none.
    """
    try:
        allowed = allowed_at(definition, place)
    except Invalid:
        allowed = allowed_at(definition, "")
    return [
        (words(), found)
        for family, words in FAMILIES.items()
        if (found := [(each, first_lanes(each.key)) for each in allowed if each.family == family])
    ]


def adding(definition: Definition, place: str) -> dict[str, Any]:
    """What the panel to add a step shows; `following` is how many steps a split would precede."""
    return {"adding": True, "place": place, "following": _following(definition, place)}


def _following(definition: Definition, place: str) -> int:
    """How many steps of the same sequence come after a place."""
    step_id, _dot, lane = place.partition(".")
    if not step_id:
        return len(definition.steps)
    places = {node.id: where for node, where in walk(definition.steps)}
    at = places.get(step_id)
    if at is None:
        return 0
    if lane:
        return sum(str(each.lane) == lane and each.parent == step_id for each in places.values())
    beside = [each for each in places.values() if (each.parent, each.lane) == (at.parent, at.lane)]
    return sum(each.position > at.position for each in beside)


def ways_in(definition: Definition) -> dict[str, Any]:
    """What the panel of the entries shows."""
    words = entry_words(definition)
    shown = [
        {
            "part": f"entry:{number}",
            "words": words[number],
            "icon": entries.get(each.kind).icon if each.kind in entries else "circle-question-mark",
        }
        for number, each in enumerate(definition.entries)
    ]
    return {"choosing_entries": True, "ways_in": shown, "entry_kinds": list(entries)}


def moving(definition: Definition, step_id: str) -> dict[str, Any]:
    """What the panel “Move to…” shows: every place the step may go to, in words; {} for no step."""
    node = find_step(definition, step_id)
    if node is None:
        return {}
    titles = step_titles(each for each, _place in walk(definition.steps))
    taken = places_within(node) | {node.id, place_of(definition, node.id)}
    rooms = [
        {"place": place, "words": _indented(place_in_words(definition, place, titles), depth)}
        for place, depth in every_place(definition.steps)
        if place not in taken and depth + height((node,)) <= MAX_DEPTH
    ]
    return {"moving": {"step": node.id, "title": titles[node.id], "places": rooms}}


def _indented(words: str, depth: int) -> str:
    """A line of a list that shows how deep it lies."""
    return "\N{NO-BREAK SPACE}" * 3 * depth + words


def deleting(definition: Definition, step_id: str) -> dict[str, Any]:
    """What is asked before a step goes: which branch stays; {} for no step."""
    node = find_step(definition, step_id)
    if node is None:
        return {}
    lanes = [_lane(node, number) for number in range(len(node.branches))]
    asked = {
        "step": node.id,
        "title": step_title(node),
        "held": size((node,)) - 1,
        "lanes": [each for each in lanes if each["held"]],
    }
    return {"deleting": asked}


def _lane(node: StepNode, number: int) -> dict[str, Any]:
    held = size(node.branches[number].steps)
    words = ngettext("%(n)s step", "%(n)s steps", held) % {"n": held}
    return {"number": number, "label": lane_label(node, number), "held": held, "words": words}


# --- copying


def copy(request: HttpRequest, journey_id: Any, step_id: str, lane: int | None) -> str:
    """Remember a step or one of its lanes for pasting; what to say. Raises Invalid for no step."""
    title, _nodes = source(journey_id, step_id, lane)
    request.session[COPIED] = {"journey": str(journey_id), "step": step_id, "lane": lane}
    return _("Copied “%(what)s”") % {"what": title}


def clipboard(request: HttpRequest) -> dict[str, Any] | None:
    """What was copied, as the operation to paste it needs it; None when it is gone."""
    copied = request.session.get(COPIED)
    if not copied:
        return None
    try:
        title, _nodes = source(copied["journey"], copied["step"], copied["lane"])
    except Invalid:
        return None
    lane = "all" if copied["lane"] is None else copied["lane"]
    return {**copied, "lane": lane, "title": title}
