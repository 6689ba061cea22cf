"""Asking for a replay, and cancelling one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.lane import wake_bulk_lane
from contacts.models import Contact
from core.errors import Invalid, Problem
from journeys.contracts import TimedEntry, entries
from journeys.definition import Definition, as_json, diff, parse
from journeys.models import Journey, Replay
from journeys.services import Publisher
from journeys.validation import normalised, validate
from tenants.models import User

# Results kept of each journey; the oldest goes when another is asked for.
KEPT = 5


def request_replay(*, journey: Journey, days: int, now: datetime, by: User | None = None) -> Replay:
    """Queue a replay of the draft as it is now, beside the live version where they differ.

    Raises Invalid `bad_days`, `cannot_replay` with all problems of the draft, `no_history` when
    only people start it, `replay_open` while one is under way.
    """
    if days not in Replay.DAYS:
        problem = Problem("bad_days", _("Choose the last 30 or the last 90 days."), "days")
        raise Invalid(problem.code, problem.message, [problem])
    with transaction.atomic():
        row = Journey.objects.select_for_update().get(pk=journey.pk)
        definition = _checked(row)
        if row.replays.filter(status__in=Replay.OPEN).exists():
            raise Invalid("replay_open", _("A replay of this journey is under way. Wait for it."))
        publisher = Publisher.of(by)
        replay = Replay.objects.create(
            journey=row,
            definition=as_json(definition),
            draft_revision=row.draft_revision,
            live_version=row.live_version if _differs(row, definition) else None,
            days=days,
            asked_at=now,
            asked_by_id=publisher.id,
            asked_by_name=publisher.name,
            total=Contact.objects.filter(created_at__lte=now).count(),
        )
        _forget_oldest(row)
        wake_bulk_lane(now=now)
    return replay


def _checked(journey: Journey) -> Definition:
    """The draft in the form that would be published."""
    definition = parse(journey.draft)
    if problems := validate(definition):
        raise Invalid("cannot_replay", problems[0].message, problems)
    definition = normalised(definition)
    if not any(has_history(entry.kind, entry.config) for entry in definition.entries):
        words = _("This journey starts by hand only: there is no history to replay.")
        raise Invalid("no_history", words)
    return definition


def has_history(kind: str, config: dict[str, object]) -> bool:
    """Whether the past tells who would have come in this way."""
    entry = entries.get(kind)
    return bool(entry.event_type(config)) or isinstance(entry, TimedEntry)


def _differs(journey: Journey, definition: Definition) -> bool:
    live = journey.live_version
    return live is not None and bool(diff(parse(live.definition), definition))


def _forget_oldest(journey: Journey) -> None:
    newest = journey.replays.order_by("-asked_at", "-pk").values_list("pk", flat=True)[:KEPT]
    journey.replays.exclude(pk__in=list(newest)).delete()


def cancel_replay(*, replay: Replay, now: datetime) -> bool:
    """End it after the slice under way; what was counted stays. False when it was over already."""
    changed = Replay.objects.filter(pk=replay.pk, status__in=Replay.OPEN).update(
        status=Replay.Status.CANCELLED, finished_at=now
    )
    return bool(changed)
