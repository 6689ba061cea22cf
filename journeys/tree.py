"""A definition and its figures as the picture that templates/journeys/_steps.html draws."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.tree_editing import read, words_of
from core.charts import flow_class, localized
from core.errors import Problem
from journeys.contracts import Step, StepCount, entries, steps
from journeys.definition import Definition, EntryNode, StepNode, walk
from journeys.figures import branches, conversion, share, went_on
from journeys.numbers import JourneyNumbers, StepNumbers
from journeys.path import lane_name
from journeys.steps.wait import length
from journeys.validation import goes_on

# Names of what is drawn but is no step: no id of a step begins so.
ENTRY, END = "_entry", "_end"
# Drawn as a pill: what they do fits on one line.
SMALL = ("wait", "data", "exit")
# Losing this many per cent at one step is pointed out.
HIGH_DROP = 2.0

Drawn = dict[str, Any]


def no_url(_step_id: str, _what: str = "") -> str:
    return ""


@dataclass(frozen=True)
class View:
    """What the picture shows besides the definition; `total` is who entered the journey."""

    mode: str = "draft"
    selected: str = ""
    step_url: Callable[[str], str] = no_url
    # Of every step, where the caller has asked for them already.
    titles: Mapping[str, str] | None = None
    # Report: the figures, and the address of the people behind each.
    summary: JourneyNumbers | None = None
    # Who came in during the last seven days, and their list.
    recent: tuple[str, str] = ("", "")
    numbers: Mapping[str, StepNumbers] = field(default_factory=dict)
    figures: Mapping[str, Sequence[StepCount]] = field(default_factory=dict)
    people_url: Callable[[str, str], str] = no_url
    as_percent: bool = False
    # Draft: what stands against publishing, and where to add a step.
    problems: Sequence[Problem] = ()
    add_url: Callable[[str], str] = no_url
    # By what is to be done (move, delete) and the step.
    act_url: Callable[[str, str], str] = no_url
    # Path: the order in which steps were reached, and the lanes taken.
    reached: Mapping[str, int] = field(default_factory=dict)
    lanes_taken: Mapping[str, int] = field(default_factory=dict)


def draw(definition: Definition, view: View) -> list[Drawn]:
    """The entries, the steps, and the end when anybody can come to it."""
    return _Painter(definition, view).picture()


def plugin_of(kind: str) -> Step | None:
    """The step of that kind; None when no part of this installation knows it."""
    return steps.get(kind) if kind in steps else None


def step_title(node: StepNode) -> str:
    """What to call a step in one line."""
    return step_titles([node])[node.id]


def step_titles(nodes: Iterable[StepNode]) -> dict[str, str]:
    """What to call each step, by id; each kind of step is asked once for all of its own."""
    by_kind: dict[str, list[StepNode]] = {}
    for node in nodes:
        by_kind.setdefault(node.kind, []).append(node)
    found: dict[str, str] = {}
    for kind, same in by_kind.items():
        if kind not in steps:
            found |= {node.id: node.name or kind for node in same}
            continue
        plugin = steps.get(kind)
        head = f"{plugin.label}: " if plugin.family in SMALL else ""
        words = plugin.summaries([node.config for node in same])
        for node, text in zip(same, words, strict=True):
            found[node.id] = node.name or (head + text if text else str(plugin.label))
    return found


def entry_words(definition: Definition) -> list[str]:
    """Each way in, in words, with those it is for."""
    return [_way_words(each) for each in definition.entries]


def _way_words(node: EntryNode) -> str:
    words = node.kind
    if node.kind in entries:
        entry = entries.get(node.kind)
        words = entry.words(node.config) or str(entry.label)
    if not node.only:
        return words
    people = words_of(read(node.only))
    return _("%(way)s (only: %(people)s)") % {"way": words, "people": people}


def lane_names(node: StepNode) -> list[str]:
    """The names of a step's lanes: the owner's, else what the step calls them."""
    return [lane_name(node, number) for number in range(len(node.branches))]


def shown_on_node(counts: Sequence[StepCount]) -> list[StepCount]:
    """The first three, and sums of money wherever they stand."""
    return [*counts[:3], *(each for each in counts[3:] if each.text)]


def shown_count(count: StepCount, *, as_percent: bool) -> str:
    """A figure, or its share where it is one."""
    if count.text:
        return count.text
    if as_percent and count.of:
        return percent(share(count.count, count.of))
    return localized(count.count)


def percent(value: float) -> str:
    """A share with one decimal as the language writes it."""
    return f"{number_format(round(value, 1), decimal_pos=1)}%"


class _Painter:
    def __init__(self, definition: Definition, view: View) -> None:
        self.definition = definition
        self.view = view
        self.is_report = view.mode == "report"
        self.total = view.summary.started if view.summary else 0
        placed = list(walk(definition.steps))
        nodes = (node for node, _place in placed)
        self.titles = step_titles(nodes) if view.titles is None else view.titles
        self.firsts = {node.id for node, place in placed if place.position == 0}
        self.errors: dict[str, str] = {}
        for problem in view.problems:
            of_entry = problem.field.startswith("entr")
            self.errors.setdefault(ENTRY if of_entry else problem.field, problem.message)
        # How long people have been on their way at least; None once nobody can tell.
        self.elapsed: timedelta | None = timedelta()

    def picture(self) -> list[Drawn]:
        ends = all(goes_on(node) for node in self.definition.steps)
        drawn = [self.entry(), *self.sequence(self.definition.steps, goes_further=ends)]
        if ends and self.view.mode not in ("path", "test"):
            drawn.append(self.end())
        return drawn

    # --- the two that are no steps

    def entry(self) -> Drawn:
        words = entry_words(self.definition)
        several = _("Any of %(count)s ways in") % {"count": len(words)}
        drawn = self.node(
            ENTRY,
            family="trigger",
            icon="zap",
            type_label=_("Starts when"),
            title=several if len(words) > 1 else "".join(words) or _("Nothing starts it yet"),
            summary=" · ".join(words) if len(words) > 1 else "",
            add_url=self.view.add_url(""),
            place="",
        )
        summary = self.view.summary
        if self.is_report and summary:
            first = self.definition.steps[0].id if self.definition.steps else ""
            metrics = [
                (_("Entered"), localized(summary.started), self.view.people_url("", "started")),
            ]
            if self.view.recent[1]:
                metrics.append((_("Last 7 days"), *self.view.recent))
            if self.definition.goal:
                shown = (
                    percent(conversion(summary))
                    if self.view.as_percent
                    else localized(summary.converted)
                )
                metrics.append((_("Goal"), shown, self.view.people_url("", "converted")))
            drawn["metrics"] = metrics
            drawn |= self.flow(self.entered(first), self.view.people_url(first, "entered"))
        return drawn

    def end(self) -> Drawn:
        return {
            "id": END,
            "family": "exit",
            "icon": "flag",
            "small": True,
            "type_label": _("End"),
            "title": _("Journey complete"),
            "end": True,
            "flow_class": "f-0",
        }

    # --- steps

    def sequence(self, nodes: Sequence[StepNode], *, goes_further: bool) -> list[Drawn]:
        """`goes_further`: whether something comes after the sequence."""
        drawn = []
        for position, node in enumerate(nodes):
            following = nodes[position + 1] if position + 1 < len(nodes) else None
            drawn.append(self.step(node, following, goes_further=goes_further))
        return drawn

    def step(self, node: StepNode, following: StepNode | None, *, goes_further: bool) -> Drawn:
        plugin = steps.get(node.kind) if node.kind in steps else None
        small = plugin is not None and plugin.family in SMALL and not node.branches
        drawn = self.node(
            node.id,
            family=plugin.family if plugin else "data",
            icon=plugin.icon if plugin else "circle-question-mark",
            type_label=str(plugin.label) if plugin else _("Unknown step"),
            title=self.titles[node.id],
            small=small,
            at=self.at(plugin.family if plugin else ""),
            flow_class=flow_class(self.entered(node.id), self.total),
            end=node.kind == "exit",
        )
        if not drawn["end"]:
            drawn["add_url"] = self.view.add_url(node.id)
        if self.is_report:
            drawn |= self.figures(node, following)
            drawn["small"] = small and not drawn["metrics"]
        if self.view.mode == "draft":
            drawn |= self.handles(node, following)
        if node.branches:
            drawn["lanes"] = self.lanes(node, goes_further=following is not None or goes_further)
        else:
            self.pass_time(node)
        # In a lane nothing is drawn below the last step: the lane's own tail leads on.
        if following is None and not (self.is_top(node) and goes_further):
            drawn["end"] = True
            drawn["last"] = not goes_further
        return drawn

    def handles(self, node: StepNode, following: StepNode | None) -> Drawn:
        """What an editor takes a step by; it is told apart by name, and may carry a note."""
        return {
            "kind": node.kind,
            "name": node.name,
            "note": node.note,
            "has_note": bool(node.note),
            "place": node.id,
            "may_move_up": node.id not in self.firsts,
            "may_move_down": following is not None,
            "menu": {act: self.view.act_url(act, node.id) for act in ("move", "delete")},
        }

    def is_top(self, node: StepNode) -> bool:
        return any(each is node for each in self.definition.steps)

    def node(self, key: str, **known: Any) -> Drawn:
        reached = self.view.reached.get(key)
        return {
            "id": key,
            "url": self.view.step_url(key),
            "selected": key == self.view.selected,
            "error": self.errors.get(key, ""),
            "reached": reached,
            "flow_class": flow_class(self.total, self.total),
            **known,
        }

    def figures(self, node: StepNode, following: StepNode | None) -> Drawn:
        numbers = self.view.numbers.get(node.id, StepNumbers())
        drawn: Drawn = {
            "here": localized(numbers.waiting) if numbers.waiting else "",
            "here_url": self.view.people_url(node.id, "waiting"),
            "metrics": [
                (
                    count.label,
                    shown_count(count, as_percent=self.view.as_percent),
                    self.view.people_url(node.id, count.what),
                )
                for count in shown_on_node(self.view.figures.get(node.id, ()))
            ],
        }
        if not node.branches:
            drawn |= self.flow(went_on(numbers), self.view.people_url(node.id, "left:next"))
            drawn |= self.drop(numbers)
        elif following is not None:
            onward = self.view.people_url(following.id, "entered")
            drawn |= self.flow(self.entered(following.id), onward)
        return drawn

    def flow(self, count: int, url: str) -> Drawn:
        return {
            "out_class": flow_class(count, self.total),
            "flow_label": f"{self.people_or_share(count)} →" if self.total else "",
            "flow_url": url,
        }

    def people_or_share(self, count: int) -> str:
        """A number of people, or their share of all who entered the journey."""
        return percent(share(count, self.total)) if self.view.as_percent else localized(count)

    def drop(self, numbers: StepNumbers) -> Drawn:
        drop = share(numbers.lost, numbers.entered)
        if not drop:
            return {}
        return {"drop_label": f"−{percent(drop)}", "drop_high": drop >= HIGH_DROP}

    def lanes(self, node: StepNode, *, goes_further: bool) -> list[Drawn]:
        numbers = self.view.numbers.get(node.id, StepNumbers())
        counts = branches(numbers)
        everybody = sum(counts.values())
        self.elapsed = None if node.kind == "wait_for_event" else self.elapsed
        before, drawn = self.elapsed, []
        for number, (name, branch) in enumerate(zip(lane_names(node), node.branches, strict=True)):
            self.elapsed = before
            count = counts.get(number, 0)
            goes = all(goes_on(each) for each in branch.steps)
            drawn.append(
                {
                    "label": name,
                    "count": localized(count) if self.is_report else None,
                    "percent": percent(share(count, everybody)) if everybody else "",
                    "url": self.view.people_url(node.id, f"left:branch:{number}"),
                    "flow_class": flow_class(count, self.total),
                    "joins": goes_further and goes,
                    "reached": self.view.lanes_taken.get(node.id) == number,
                    "add_url": self.view.add_url(f"{node.id}.{number}"),
                    "place": f"{node.id}.{number}",
                    "steps": self.sequence(branch.steps, goes_further=goes_further),
                }
            )
        self.elapsed = None
        return drawn

    def entered(self, step_id: str) -> int:
        numbers = self.view.numbers.get(step_id)
        return numbers.entered if numbers else 0

    # --- time

    def at(self, family: str) -> str:
        """When people come here at the earliest, where that can be told."""
        if family not in ("message", "logic") or self.elapsed is None:
            return ""
        hours = self.elapsed.total_seconds() / 3600
        if hours >= 24:
            return _("day %(number)s") % {"number": int(hours // 24)}
        if hours >= 1:
            return ngettext("after %(n)s hour", "after %(n)s hours", int(hours)) % {"n": int(hours)}
        return "" if self.elapsed else _("straight away")

    def pass_time(self, node: StepNode) -> None:
        if node.kind == "wait" and self.elapsed is not None:
            try:
                self.elapsed += length(node.config)
            except (KeyError, TypeError, ValueError, OverflowError):
                self.elapsed = None
        elif node.kind in steps and steps.get(node.kind).family == "wait":
            self.elapsed = None
