"""A replay's part of the bulk lane: slice by slice, each with its progress in one transaction.

A slice holds the replay's row. What a kill interrupts left nothing behind and is done again; a
cancellation waits for the slice under way, some seconds at most, and is seen by the next.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.contracts import BulkJob, bulk_jobs
from events.isolation import in_words, is_transient
from journeys.models import Replay
from journeys.replaying.slices import Slice
from tenants.context import search_path_kept

log = logging.getLogger(__name__)

# People looked at in one slice, and for how many seconds at most people are rehearsed in it.
SLICE = 500
SECONDS = 2.0
# A slice that was begun so often and never came to its end will not.
TRIES = 5


def has_open_replay() -> bool:
    """Whether any replay waits or runs."""
    return Replay.objects.filter(status__in=Replay.OPEN).exists()


def continue_replay(now: datetime, *, limit: int = SLICE, seconds: float = SECONDS) -> None:
    """Do one slice of the oldest replay that nobody else has in hand."""
    replay_id = _begin(now)
    if replay_id is None:
        return
    try:
        with transaction.atomic(), search_path_kept():
            replay = _hold(replay_id)
            if replay:
                Slice(replay, limit=limit, seconds=seconds).work()
                _write(replay, now)
    except Exception as error:
        log.warning("replay_failed replay=%s", replay_id, exc_info=error)
        if not is_transient(error):
            _fail(replay_id, in_words(error), now)


def _begin(now: datetime) -> UUID | None:
    """Choose a replay and count the slice before it is begun; None when there is none to do."""
    with transaction.atomic():
        replay = (
            Replay.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status__in=Replay.OPEN)
            .order_by("asked_at")
            .defer("result", "samples", "definition")
            .first()
        )
        if replay is None:
            return None
        if replay.attempts < TRIES:
            replay.attempts += 1
            replay.status = Replay.Status.RUNNING
            replay.save(update_fields=["attempts", "status"])
            return replay.pk
    _fail(replay.pk, _("It stopped several times at the same place."), now)
    return None


def _hold(replay_id: UUID) -> Replay | None:
    """The replay for this slice; None when it was cancelled, or somebody else has it."""
    return (
        Replay.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("journey", "live_version")
        .filter(pk=replay_id, status=Replay.Status.RUNNING)
        .first()
    )


def _write(replay: Replay, now: datetime) -> None:
    replay.attempts, replay.progressed_at = 0, now
    replay.finished_at = now if replay.status == Replay.Status.DONE else None
    replay.save(
        update_fields=[
            "attempts", "progressed_at", "finished_at", "status", "done", "cursor", "result",
            "samples",
        ]
    )  # fmt: skip


def _fail(replay_id: UUID, words: str, now: datetime) -> None:
    Replay.objects.filter(pk=replay_id, status__in=Replay.OPEN).update(
        status=Replay.Status.FAILED, error=words[:300], finished_at=now
    )


bulk_jobs.register(BulkJob("replays", has_open_replay, continue_replay))
