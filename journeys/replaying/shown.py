"""A replay's figures in words: the comparison, the rules that held back, and what to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import localized
from journeys.contracts import TimedEntry, entries
from journeys.definition import Definition, EntryNode, parse
from journeys.models import Journey, Replay
from journeys.path import reason_words
from journeys.refusals import refusal_words
from journeys.replaying.asking import has_history
from journeys.replaying.history import MOST_EVENTS, started_by
from journeys.replaying.tally import Json, part
from journeys.tree import entry_words

SIDES = ("draft", "live")
# Other journeys and reasons listed.
MOST_LINES = 12


@dataclass(frozen=True)
class Column:
    """One version of the comparison with its figures."""

    name: str
    label: str
    definition: Definition
    written: Json

    def people(self, key: str) -> int:
        """How many people a figure counts."""
        return int(self.written.get("people", {}).get(key, 0))

    def count(self, key: str) -> int:
        """How many runs, messages or events a figure counts."""
        return int(self.written.get("counts", {}).get(key, 0))

    @property
    def week(self) -> Json:
        """The most messages to one person in seven days, and to whom."""
        return self.written.get("week") or {"most": 0, "contact": ""}


@dataclass(frozen=True)
class Cell:
    """One figure; `key` names the people behind it, "" for a figure without."""

    text: str
    side: str = ""
    key: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a comparison, with a cell for each version."""

    label: str
    cells: Sequence[Cell]


def columns(replay: Replay) -> list[Column]:
    """The draft, and what is live where that is something else."""
    found = [Column("draft", _("Draft"), parse(replay.definition), replay.result.get("draft", {}))]
    if replay.live_version:
        live = parse(replay.live_version.definition)
        label = _("Live now")
        found.append(Column("live", label, live, replay.result.get("live", {})))
    return found


def comparison(found: Sequence[Column]) -> list[Line]:
    """The figures of the versions side by side."""

    def people(label: str, key: str) -> Line:
        return Line(label, [_people(each, key) for each in found])

    def count(label: str, figure: Callable[[Column], int]) -> Line:
        return Line(label, [Cell(localized(figure(each))) for each in found])

    has_goal = any(each.definition.goal for each in found)
    held = any(each.people("held_out") for each in found)
    failed = any(each.people("failed") for each in found)
    return [
        people(_("Would have entered"), "started"),
        count(_("Times somebody would have entered"), lambda each: each.count("runs")),
        *_by_entry(found),
        people(_("Would have come to the end"), "completed"),
        people(_("Would have left early"), "exited_early"),
        people(_("Would still be inside"), "in_progress"),
        *([people(_("Would have stopped by a failure"), "failed")] if failed else []),
        *([people(_("Would have reached the goal"), "converted")] if has_goal else []),
        *([people(_("Would have been held out"), "held_out")] if held else []),
        count(_("Messages that would have been sent"), lambda each: each.count("verdict:send")),
        people(_("People who would have got one"), "mailed"),
        Line(_("Most to one person in a week"), [_most(each) for each in found]),
        people(_("Also inside another live journey meanwhile"), "shared"),
    ]


def _people(column: Column, key: str) -> Cell:
    number = column.people(key)
    return Cell(localized(number), column.name, key if number else "")


def _most(column: Column) -> Cell:
    return Cell(localized(column.week["most"]), column.name, "week" if column.week["most"] else "")


def _by_entry(found: Sequence[Column]) -> list[Line]:
    """One line for each way in of any version, where there are several."""
    ways: dict[str, list[Cell]] = {}
    for place, column in enumerate(found):
        for number, words in enumerate(entry_words(column.definition)):
            cells = ways.setdefault(words, [Cell("–") for _column in found])
            cells[place] = _people(column, f"entry:{number}")
    if len(ways) < 2:
        return []
    return [Line(_("by “%(entry)s”") % {"entry": words}, cells) for words, cells in ways.items()]


def held_back(found: Sequence[Column]) -> list[Line]:
    """The rules that would have held messages back, with how many."""
    words: dict[str, str] = {}
    for column in found:
        for code in part(column.written.get("counts", {}), "held:"):
            words.setdefault(code, column.written.get("words", {}).get(code) or code)
    return [
        Line(text, [_times(each, f"held:{code}") for each in found]) for code, text in words.items()
    ]


def not_let_in(found: Sequence[Column]) -> list[Line]:
    """Why people would have stayed out although something happened that lets people in."""
    return _reasons(found, "refused:", refusal_words)


def endings(found: Sequence[Column]) -> list[Line]:
    """How runs would have ended."""
    return _reasons(found, "ending:", _ending)


def _ending(reason: str) -> str:
    if reason == "in_progress":
        return _("Goes on")
    return reason_words(reason) if reason else _("Came to the end")


def _reasons(found: Sequence[Column], prefix: str, words: Callable[[str], str]) -> list[Line]:
    reasons: dict[str, int] = {}
    for column in found:
        for reason, number in part(column.written.get("counts", {}), prefix).items():
            reasons[reason] = reasons.get(reason, 0) + number
    ordered = sorted(reasons, key=lambda reason: -reasons[reason])[:MOST_LINES]
    return [
        Line(str(capfirst(words(reason))), [_times(each, f"{prefix}{reason}") for each in found])
        for reason in ordered
    ]


def _times(column: Column, key: str) -> Cell:
    """How often, and how many people where that is another number."""
    number, people = column.count(key), column.people(key)
    text = localized(number)
    if people != number:
        words = {"times": text, "people": localized(people)}
        text = ngettext("%(times)s (%(people)s person)", "%(times)s (%(people)s people)", people)
        text %= words
    return Cell(text, column.name, key if people else "")


def shared_with(found: Sequence[Column]) -> list[Line]:
    """The other live journeys that people would have been inside of at the same time."""
    numbers: dict[str, int] = {}
    for column in found:
        for journey_id, people in part(column.written.get("people", {}), "shared:").items():
            numbers[journey_id] = max(people, numbers.get(journey_id, 0))
    ordered = sorted(numbers, key=lambda each: -numbers[each])[:MOST_LINES]
    names = dict(Journey.objects.filter(pk__in=ordered).values_list("pk", "name"))
    return [
        Line(
            names.get(UUID(journey_id), _("A journey that is gone")),
            [_people(each, f"shared:{journey_id}") for each in found],
        )
        for journey_id in ordered
    ]


# --- nobody came in


def nearest_misses(column: Column) -> list[str]:
    """What came closest to letting somebody in, a sentence for each way in."""
    return [
        _miss(column, number, words) for number, words in enumerate(entry_words(column.definition))
    ]


def _miss(column: Column, number: int, words: str) -> str:
    entry = column.definition.entries[number]
    matched = column.count(f"entry:{number}:matched")
    if not has_history(entry.kind, entry.config):
        return _("“%(entry)s”: who was added by hand is not repeated.") % {"entry": words}
    if matched:
        return ngettext(
            "“%(entry)s” happened %(count)s time, but nobody was allowed in.",
            "“%(entry)s” happened %(count)s times, but nobody was allowed in.",
            matched,
        ) % {"entry": words, "count": localized(matched)}
    seen = column.count(f"entry:{number}:events")
    if seen:
        return ngettext(
            "“%(entry)s”: there was %(count)s such event, and it did not pass the filter.",
            "“%(entry)s”: there were %(count)s such events, and none passed the filter.",
            seen,
        ) % {"entry": words, "count": localized(seen)}
    return _("“%(entry)s” did not happen to anybody.") % {"entry": words}


# --- what to know


def remarks(replay: Replay, found: Sequence[Column]) -> list[str]:
    """What the figures cannot know, in words."""
    kinds = [entry for column in found for entry in column.definition.entries]
    draft = found[0]
    said = [
        _(
            "What keeps no history is read as it is today: profile fields, tags, consent, time zone"
            " and when somebody was last seen."
        ),
        _(
            "Nothing was sent. Opens, clicks and orders are those that really happened: of mails of"
            " the draft there are none."
        ),
        _("Everybody begins outside: who was in this journey before counts as new."),
    ]
    if not all(has_history(entry.kind, entry.config) for entry in kinds):
        said.append(_("People added by hand or by the API are not repeated."))
    if any(_forgets(entry) for entry in kinds):
        said.append(
            _(
                "Some moments that time brings are reckoned from what is known today: whoever came"
                " by again since then has only the later one."
            )
        )
    if any(entry.config.get("backlog") for entry in kinds):
        said.append(_("Those whose moment was before these days are left out."))
    return said + _mishaps(draft)


def _forgets(entry: EntryNode) -> bool:
    """Whether the entry is opened by time, and cannot tell how things were."""
    plugin = entries.get(entry.kind)
    if not isinstance(plugin, TimedEntry) or started_by(entry):
        return False
    return type(plugin).recall is TimedEntry.recall


def _mishaps(draft: Column) -> list[str]:
    said = []
    if number := draft.people("long"):
        words = ngettext(
            "Of %(count)s person only the first %(most)s events were looked at.",
            "Of %(count)s people only the first %(most)s events were looked at.",
            number,
        )
        said.append(words % {"count": localized(number), "most": localized(MOST_EVENTS)})
    if number := draft.people("cut"):
        words = ngettext(
            "%(count)s person went in circles and was stopped.",
            "%(count)s people went in circles and were stopped.",
            number,
        )
        said.append(words % {"count": localized(number)})
    if number := draft.people("broken"):
        words = ngettext(
            "%(count)s person could not be rehearsed: %(why)s",
            "%(count)s people could not be rehearsed: %(why)s",
            number,
        )
        why = draft.written.get("words", {}).get("broken", "")
        said.append(words % {"count": localized(number), "why": why})
    return said
