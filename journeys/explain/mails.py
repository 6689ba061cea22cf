"""Each message of a journey for one run: sent when, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Sending
from journeys.definition import Definition, Place, StepNode, walk
from journeys.explain.facts import Facts
from journeys.explain.stays import Stay, Titles, ToldRun, sends
from journeys.path import lane_name
from journeys.tree import step_title

CODES = {
    "sent": gettext_lazy("Sent"),
    "waiting": gettext_lazy("About to be sent"),
    "held_back": gettext_lazy("Held back for now"),
    "skipped": gettext_lazy("Not sent"),
    "failed": gettext_lazy("Failed"),
    "in_doubt": gettext_lazy("In doubt"),
    "nothing_queued": gettext_lazy("Not sent"),
    "not_in_version": gettext_lazy("Not on their way"),
    "held_out": gettext_lazy("Held out"),
    "other_branch": gettext_lazy("Other branch"),
    "not_reached_yet": gettext_lazy("Not reached yet"),
    "left_before": gettext_lazy("Left before"),
    "failed_before": gettext_lazy("Stopped before"),
}
TONES = {"sent": "ok", "failed": "bad", "failed_before": "bad", "skipped": "warn"}


@dataclass(frozen=True)
class MailAnswer:
    """What became of one message step in one run: a code of `CODES` and a sentence.

    `reason` is the stable code of what stood against it: a guard's, or why the run ended.
    """

    step_id: str
    title: str
    code: str
    words: str
    reason: str = ""
    at: datetime | None = None

    @property
    def label(self) -> str:
        """The code in a few words."""
        return str(CODES[self.code])

    @property
    def tone(self) -> str:
        """Its chip's."""
        return TONES.get(self.code, "")


def message_steps(definition: Definition) -> list[StepNode]:
    """The steps that send something, in reading order."""
    return [node for node, _place in walk(definition.steps) if sends(node)]


def answers_of(
    facts: Facts, told: ToldRun, nodes: Sequence[StepNode], titles: Titles
) -> list[MailAnswer]:
    """What became of each of these steps in the run, in order."""
    return [_answer(facts, told, node, title_of(facts, told, node, titles)) for node in nodes]


def title_of(facts: Facts, told: ToldRun | None, node: StepNode, titles: Titles) -> str:
    """What the step is called on that run's version, or in what runs, or by its kind."""
    versions = [told.run.version_id] if told else []
    versions += [each] if (each := facts.journey.live_version_id) else []
    known = (titles.get((version, node.id)) for version in versions)
    return next((title for title in known if title), None) or step_title(node)


def _answer(facts: Facts, told: ToldRun, node: StepNode, title: str) -> MailAnswer:
    stays = [stay for stay in told.stays if stay.step_id == node.id]
    sendings = [each for stay in stays for each in stay.sendings]
    if sendings:
        return _of_sending(facts, sendings[0], title)
    code, words, reason = _unreached(facts, told, node, stays)
    return MailAnswer(node.id, title, code, words, reason)


# --- with a message


def _of_sending(facts: Facts, sending: Sending, title: str) -> MailAnswer:
    words = _SAID[sending.state](facts, sending)
    objection = sending.objection
    reason = sending.code or (objection.code if objection else "")
    at = sending.sent_at or sending.queued_at
    return MailAnswer(sending.step_id, title, sending.state, words, reason, at)


def _sent(facts: Facts, sending: Sending) -> str:
    words = {"time": facts.said(sending.sent_at or sending.queued_at), "state": sending.label}
    text = _("Sent on %(time)s. Its state: %(state)s.") % words
    return f"{text} {sending.sentence}" if sending.sentence else text


def _waiting(facts: Facts, sending: Sending) -> str:
    words = {"time": facts.said(sending.queued_at)}
    return f"{_('Queued on %(time)s, and not sent yet.') % words} {_now(facts, sending)}"


def _held_back(facts: Facts, sending: Sending) -> str:
    parts = [sending.sentence or _("It is held back.")]
    if sending.until:
        parts.append(_("It is tried again on %(time)s.") % {"time": facts.said(sending.until)})
    return " ".join([*parts, _now(facts, sending)])


def _now(facts: Facts, sending: Sending) -> str:
    """What would happen if it left now."""
    objection = sending.objection
    if objection is None:
        return _("If it left now, nothing would hold it back.")
    words = {"sentence": objection.sentence}
    if objection.until is None:
        return _("If it left now, it would be dropped: %(sentence)s") % words
    words["time"] = facts.said(objection.until)
    return _("If it left now, it would be held back until %(time)s: %(sentence)s") % words


def _not_sent(facts: Facts, sending: Sending) -> str:
    return sending.sentence or str(sending.label)


def _in_doubt(facts: Facts, sending: Sending) -> str:
    return sending.sentence or _("Nobody can tell whether it was sent.")


_SAID = {
    "sent": _sent,
    "waiting": _waiting,
    "held_back": _held_back,
    "skipped": _not_sent,
    "failed": _not_sent,
    "in_doubt": _in_doubt,
}


# --- without one


def _unreached(
    facts: Facts, told: ToldRun, node: StepNode, stays: Sequence[Stay]
) -> tuple[str, str, str]:
    """Code, sentence and reason for a step that queued nothing for this run."""
    number = told.version.number if told.version else 0
    if told.run.holdout:
        words = _("They are held out to compare, and get nothing of this journey.")
        return "held_out", words, "holdout"
    if told.version is None or told.node(node.id) is None:
        words = _("They went by version %(number)s, which does not have this step.")
        return "not_in_version", words % {"number": number}, ""
    if stays:
        return _at_the_step(stays[-1])
    if found := _turned_off(told, node):
        return found
    return _before(facts, told)


def _at_the_step(stay: Stay) -> tuple[str, str, str]:
    if stay.left_at is None:
        words = stay.words or _("They stand at this step.")
        return "not_reached_yet", words, ""
    if stay.outcome == "next":
        words = _("They came to this step, and there was nothing to send.")
        return "nothing_queued", f"{words} {stay.words}".strip(), ""
    return "nothing_queued", stay.words, stay.outcome.partition(":")[2]


def _turned_off(told: ToldRun, node: StepNode) -> tuple[str, str, str] | None:
    """The split at which they went another way than the one that leads there."""
    assert told.version  # noqa: S101  asked before
    places = {each.id: place for each, place in walk(told.version.definition.steps)}
    taken = {stay.step_id: stay for stay in told.stays if stay.outcome.startswith("branch:")}
    place: Place | None = places[node.id]
    while place and place.parent:
        stay, lane = taken.get(place.parent), f"branch:{place.lane}"
        if stay and stay.outcome != lane:
            split = told.node(place.parent)
            number = int(stay.outcome.partition(":")[2])
            words = {"step": stay.title, "lane": lane_name(split, number)}
            text = _("At “%(step)s” they went another way: “%(lane)s”.")
            return "other_branch", text % words, stay.step_id
        place = places.get(place.parent)
    return None


def _before(facts: Facts, told: ToldRun) -> tuple[str, str, str]:
    """Where they are, or where they ended, before this step."""
    if here := told.here:
        words = {"step": here.title, "wait": here.words}
        text = _("They are at “%(step)s”. %(wait)s") % words
        return "not_reached_yet", text.strip(), here.step_id
    run = told.run
    last = told.stays[-1].title if told.stays else ""
    time = facts.said(run.ended_at) if run.ended_at else ""
    if run.status == "failed":
        words = {"step": last, "error": run.error, "time": time}
        text = _("The journey stopped for them at “%(step)s” on %(time)s: %(error)s")
        return "failed_before", text % words, "failed"
    words = {"step": last, "why": told.ending, "time": time}
    text = _("They were at “%(step)s” when the journey ended for them on %(time)s. %(why)s.")
    return "left_before", text % words, run.exit_reason
