"""Tags for everybody chosen in a list: at once for a few, in the background for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from contacts.contracts import BulkJob, bulk_jobs
from contacts.lane import wake_bulk_lane
from contacts.listing import Filters, filtered
from contacts.models import BulkAction
from contacts.segments import scope_at
from contacts.tags import add_tag, clean_tag, remove_tag

# More than this is done in the background.
AT_ONCE = 1000
BATCH = 5000
ACTIONS = {BulkAction.Action.ADD_TAG: add_tag, BulkAction.Action.REMOVE_TAG: remove_tag}


@dataclass(frozen=True)
class BulkResult:
    """How many were changed at once, or the job that will do it."""

    changed: int
    job: BulkAction | None = None


def tag_chosen(
    *,
    action: str,
    tag: str,
    now: datetime,
    contact_ids: Sequence[UUID] = (),
    everybody_in: Filters | None = None,
    by_id: UUID | None = None,
) -> BulkResult:
    """Add or remove a tag for the given contacts, or for everybody the filters hold for.

    Raises Invalid `bad_tag`.
    """
    kind, name = BulkAction.Action(action), clean_tag(tag)
    ids = list(contact_ids)
    if everybody_in is not None:
        chosen = filtered(everybody_in, scope_at(now)).order_by("pk")
        ids = list(chosen.values_list("pk", flat=True)[: AT_ONCE + 1])
        if len(ids) > AT_ONCE:
            return BulkResult(0, _queue(kind, name, everybody_in, by_id, now))
    with transaction.atomic():
        changed = ACTIONS[kind](contact_ids=ids, name=name, source="manual", now=now)
    return BulkResult(len(changed))


def _queue(
    kind: BulkAction.Action, name: str, filters: Filters, by_id: UUID | None, now: datetime
) -> BulkAction:
    with transaction.atomic():
        job = BulkAction.objects.create(
            action=kind, tag=name, filters=filters.as_json(), created_by_id=by_id, created_at=now
        )
        wake_bulk_lane(now=now)
    return job


def has_open_action() -> bool:
    """Whether any is left to do."""
    return BulkAction.objects.filter(finished_at__isnull=True).exists()


def continue_action(now: datetime) -> None:
    """Do one batch of the oldest action; its pointer moves in the same transaction."""
    with transaction.atomic():
        job = (
            BulkAction.objects.select_for_update(skip_locked=True)
            .filter(finished_at__isnull=True)
            .order_by("created_at")
            .first()
        )
        if job is None:
            return
        # As of the moment it was asked for: people who come later were not chosen.
        chosen = filtered(Filters.read(job.filters), scope_at(job.created_at))
        chosen = chosen.filter(created_at__lte=job.created_at).order_by("pk")
        if job.done_to:
            chosen = chosen.filter(pk__gt=job.done_to)
        ids = list(chosen.values_list("pk", flat=True)[:BATCH])
        act = ACTIONS[BulkAction.Action(job.action)]
        job.changed += len(act(contact_ids=ids, name=job.tag, source="manual", now=now))
        job.done_to = ids[-1] if ids else job.done_to
        job.finished_at = now if len(ids) < BATCH else None
        job.save(update_fields=["changed", "done_to", "finished_at"])


bulk_jobs.register(BulkJob("tags", has_open_action, continue_action))
