"""The answer in one sentence, with a stable code."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from journeys.contracts import entries
from journeys.explain.answer import Why
from journeys.explain.attempts import Attempt
from journeys.explain.mails import MailAnswer
from journeys.explain.stays import ToldRun


@dataclass(frozen=True)
class Said:
    """A code, and under it the reason's own; and the sentence.

    Of a journey: inside, held, completed, goal, left, failed, held_out, not_let_in. Of a message:
    a code of `mails.CODES`, or not_let_in.
    """

    code: str
    reason: str
    sentence: str


def verdict_of(why: Why) -> Said:
    """Why they got it or did not, in one sentence."""
    if why.step:
        return _of_step(why)
    return _of_run(why, why.runs[0]) if why.runs else _not_let_in(why)


def _names(why: Why) -> dict[str, str]:
    return {"name": why.facts.contact.name, "journey": why.facts.journey.name}


# --- of a journey


def _of_run(why: Why, told: ToldRun) -> Said:
    run, facts = told.run, why.facts
    words = {
        **_names(why),
        "began": facts.said(run.started_at),
        "ended": facts.said(run.ended_at) if run.ended_at else "",
        "because": because(why, told),
        "step": told.here.title if told.here else "",
        "wait": told.here.words if told.here else "",
        "why": told.ending,
        "error": run.error,
    }
    return Said(told.code, run.exit_reason, (_SENTENCES[told.code]() % words).strip())


_SENTENCES = {
    "inside": lambda: _(
        "%(name)s is in “%(journey)s” since %(began)s: %(because)s. Now at “%(step)s”. %(wait)s"
    ),
    "held": lambda: _(
        "%(name)s is in “%(journey)s” since %(began)s: %(because)s. Held at “%(step)s”, since the"
        " journey is paused."
    ),
    "completed": lambda: _(
        "%(name)s came into “%(journey)s” on %(began)s: %(because)s. Came to the end on %(ended)s."
    ),
    "goal": lambda: _(
        "%(name)s came into “%(journey)s” on %(began)s: %(because)s. Reached the goal on %(ended)s."
    ),
    "left": lambda: _(
        "%(name)s came into “%(journey)s” on %(began)s: %(because)s. %(why)s, on %(ended)s."
    ),
    "failed": lambda: _(
        "%(name)s came into “%(journey)s” on %(began)s: %(because)s. It stopped for them on"
        " %(ended)s: %(error)s"
    ),
    "held_out": lambda: _(
        "%(name)s gets nothing of “%(journey)s”: on %(began)s they were held out to compare."
    ),
}


def because(why: Why, told: ToldRun) -> str:
    """What let them in, as far as it is still known."""
    for way in why.ways:
        for attempt in way.attempts:
            if attempt.run is told.run and attempt.what:
                words = {"what": attempt.what, "way": way.words}
                return _("“%(what)s” (%(way)s)") % words
    kind = told.run.entry_kind
    return str(entries.get(kind).label) if kind in entries else kind


def _not_let_in(why: Why) -> Said:
    attempt = why.newest_attempt
    if attempt is None:
        return _nothing_happened(why)
    words = {**_names(why), **_of_attempt(why, attempt)}
    text = _("%(name)s did not come into “%(journey)s”: %(what)s on %(time)s. %(words)s")
    return Said("not_let_in", attempt.code, text % words)


def _of_attempt(why: Why, attempt: Attempt) -> dict[str, str]:
    what = _("“%(what)s”") % {"what": attempt.what}
    return {"what": what, "time": why.facts.said(attempt.at), "words": attempt.words}


def _nothing_happened(why: Why) -> Said:
    """Nobody was at the door: the journey never ran, or nothing that starts it happened."""
    if not why.facts.versions:
        text = _("%(name)s did not come into “%(journey)s”: it was never published.")
        return Said("not_let_in", "not_live_yet", text % _names(why))
    ahead = [each for way in why.ways for each in way.attempts]
    if ahead:
        soonest = min(ahead, key=lambda each: each.at)
        text = _("%(name)s did not come into “%(journey)s” yet. %(words)s")
        return Said("not_let_in", soonest.code, text % {**_names(why), "words": soonest.words})
    notes = " ".join(way.note for way in why.ways if way.note)
    text = _("%(name)s did not come into “%(journey)s”. %(notes)s")
    return Said("not_let_in", "nothing_happened", text % {**_names(why), "notes": notes})


# --- of a message


def _of_step(why: Why) -> Said:
    words = {**_names(why), "step": why.step_title}
    if not why.runs:
        said = _not_let_in(why)
        text = _("%(name)s did not get “%(step)s”. %(why)s")
        return Said("not_let_in", said.reason, text % {**words, "why": said.sentence})
    told, answer = _chosen(why)
    words |= {"words": answer.words, "because": because(why, told)}
    if answer.code == "sent" and answer.at:
        words["time"] = why.facts.said(answer.at)
        text = _("%(name)s got “%(step)s” on %(time)s, because they came in: %(because)s.")
        return Said("sent", answer.reason, text % words)
    if answer.code in ("waiting", "held_back", "not_reached_yet"):
        text = _("%(name)s did not get “%(step)s” yet. %(words)s")
    elif answer.code == "in_doubt":
        text = _("Whether %(name)s got “%(step)s” is in doubt. %(words)s")
    else:
        text = _("%(name)s did not get “%(step)s”. %(words)s")
    return Said(answer.code, answer.reason, text % words)


def _chosen(why: Why) -> tuple[ToldRun, MailAnswer]:
    """The newest run in which it was sent, else the newest of all."""
    pairs = [(told, mails[0]) for told, mails in zip(why.runs, why.mails, strict=True)]
    return next((pair for pair in pairs if pair[1].code == "sent"), pairs[0])
