"""Running imports: batch after batch, each one transaction that also says how far it got."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import DatabaseError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from contacts.contracts import BulkJob, bulk_jobs
from contacts.imports.cells import Person, RowReader
from contacts.imports.staging import LostRace, Outcome, add_problems, write_people
from contacts.models import ContactField, ContactImport
from contacts.origins import origins
from contacts.tags import ensure_tags
from contacts.upserting import erased_problem
from core import csv
from core.errors import Problem

log = logging.getLogger(__name__)

BATCH = 5000
COUNTS = ("created", "updated", "unchanged", "failed", "kept_unsubscribed")
OPEN = [ContactImport.Status.QUEUED, ContactImport.Status.RUNNING]
CELL_KEPT = 200


@dataclass
class Batch:
    """The next rows of a file, sorted into people and problems."""

    line: int
    offset: int
    people: list[Person] = field(default_factory=list)
    problems: list[tuple[int, str, str, str, Any]] = field(default_factory=list)
    rows: int = 0
    # Later rows that said nothing new about somebody already in the batch.
    repeated: int = 0
    is_last: bool = False


def has_open_import() -> bool:
    """Whether any import is queued or running."""
    return ContactImport.objects.filter(status__in=OPEN).exists()


def continue_import(now: datetime) -> None:
    """Do one batch of the oldest import. A batch that cannot be written fails the import in words.

    A killed process leaves the batch undone and the pointer before it: the next call does it.
    """
    job: ContactImport | None = None
    try:
        with transaction.atomic():
            job = (
                ContactImport.objects.select_for_update(skip_locked=True)
                .filter(status__in=OPEN)
                .order_by("created_at")
                .first()
            )
            if job is not None:
                _do_batch(job, now)
    except (LostRace, OperationalError):
        log.info("import_batch_again job=%s", job and job.pk)
    except (DatabaseError, OSError, ValueError) as error:
        log.exception("import_failed job=%s", job and job.pk)
        if job is not None:
            _fail(job, error, now)


def _fail(job: ContactImport, error: Exception, now: datetime) -> None:
    if isinstance(error, OSError):
        words = _("The uploaded file is gone. Upload it again.")
    else:
        words = _("The lines from %(line)s on could not be written. Nothing of them was kept.") % {
            "line": max(job.next_line, 2)
        }
    ContactImport.objects.filter(pk=job.pk, status__in=OPEN).update(
        status=ContactImport.Status.FAILED, error=words[:300], finished_at=now
    )


def _do_batch(job: ContactImport, now: datetime) -> None:
    batch = _read(job, now)
    outcome = Outcome(0, 0, 0, 0, [])
    if batch.people:
        _apply_options(job, batch.people, now)
        outcome = write_people(
            batch.people, detail=job.file_name, wording_id=job.options.get("wording"), now=now
        )
    _report(job, batch, outcome)
    job.next_line, job.next_offset = batch.line, batch.offset
    job.status = ContactImport.Status.RUNNING
    if batch.is_last:
        _finish(job, now)
    job.save(
        update_fields=[
            "next_line", "next_offset", "status", "counts", "finished_at", "file", "total_rows",
        ]
    )  # fmt: skip


def _read(job: ContactImport, now: datetime) -> Batch:
    """The next BATCH records, doubles within them folded into the first."""
    reader = _row_reader(job, now)
    seen: dict[tuple[str, str], Person] = {}
    with job.file.open("rb") as file:
        source = csv.Reader(file, job.delimiter, line=max(job.next_line, 1), offset=job.next_offset)
        batch = Batch(source.line, source.offset)
        records = iter(source)
        if job.next_offset == 0:
            _skip_header(records)
        for record in records:
            found = reader.person(record)
            if isinstance(found, Problem):
                batch.problems.append(_problem(record.line, found, record.cells))
            elif found is not None:
                _fold(found, seen, batch)
            if found is not None:
                batch.rows += 1
                if batch.rows >= BATCH:
                    break
        else:
            batch.is_last = True
        batch.line, batch.offset = source.line, source.offset
    return batch


def _skip_header(records: Any) -> None:
    for record in records:
        if record.code or any(cell.strip() for cell in record.cells):
            return


def _row_reader(job: ContactImport, now: datetime) -> RowReader:
    return RowReader(
        mapping=job.mapping,
        columns=job.columns,
        known=ContactField.objects.in_bulk(field_name="key"),
        origin=origins.get(job.origin) if job.origin in origins else None,
        date_order=job.options.get("date_order", "ymd"),
        now=now,
    )


def _fold(person: Person, seen: dict[tuple[str, str], Person], batch: Batch) -> None:
    """Later rows about somebody are laid over the first, as if they came one after the other."""
    keys = [("email", person.email), ("id", person.external_id)]
    keys = [key for key in keys if key[1]]
    owners = {id(seen[key]): seen[key] for key in keys if key in seen}
    if len(owners) > 1:
        batch.problems.append(_problem(person.line, conflict(), person.cells))
        return
    if not owners:
        batch.people.append(person)
        owner = person
    else:
        owner = next(iter(owners.values()))
        if owner.take(person):
            owner.doubles += 1
        else:
            batch.repeated += 1
    for key in keys:
        seen[key] = owner


def conflict() -> Problem:
    """Why a row that names two people is not taken."""
    return Problem(
        "identity_conflict",
        _("The address and the customer number in this line belong to two different contacts."),
    )


def _problem(line: int, problem: Problem, cells: list[str]) -> tuple[int, str, str, str, Any]:
    kept = [cell.replace("\x00", "")[:CELL_KEPT] for cell in cells[:300]]
    return (line, problem.field[:100], problem.code, str(problem.message)[:300], Jsonb(kept))


def _apply_options(job: ContactImport, people: list[Person], now: datetime) -> None:
    """The tag for everybody, the spelling of tags, and the consent declared for the file."""
    tag = job.options.get("tag", "")
    declared = "wording" in job.options
    has_status = "status" in job.mapping.values()
    for person in people:
        if tag and tag not in person.tags:
            person.tags.append(tag)
        if not declared and person.status == "subscribed":
            person.status = "claimed"
        elif declared and not person.status and not has_status:
            person.status = "subscribed"
    names = {name for person in people for name in person.tags}
    kept = ensure_tags(names=names, now=now)
    if any(kept[name] != name for name in names):
        for person in people:
            person.tags = list(dict.fromkeys(kept[name] for name in person.tags))


def _report(job: ContactImport, batch: Batch, outcome: Outcome) -> None:
    by_line = {person.line: person for person in batch.people}
    refusals = {"erased_contact": erased_problem(), "identity_conflict": conflict()}
    failed = len(batch.problems)
    for line, code, doubles in outcome.refused:
        # What asked to be forgotten is not kept in the report either.
        cells = [] if code == "erased_contact" else by_line[line].cells
        batch.problems.append(_problem(line, refusals[code], cells))
        failed += 1 + doubles
    add_problems(job.pk, batch.problems)
    counts = {name: job.counts.get(name, 0) for name in COUNTS}
    counts["created"] += outcome.created
    counts["updated"] += outcome.updated
    counts["unchanged"] += outcome.unchanged + batch.repeated
    counts["failed"] += failed
    counts["kept_unsubscribed"] += outcome.kept_unsubscribed
    job.counts = counts


def _finish(job: ContactImport, now: datetime) -> None:
    """Done: the file goes, since it names people and everything in it is now in rows."""
    job.status = ContactImport.Status.DONE
    job.finished_at = now
    job.total_rows = sum(job.counts[name] for name in COUNTS if name != "kept_unsubscribed")
    transaction.on_commit(partial(default_storage.delete, str(job.file.name)))
    job.file = ""


bulk_jobs.register(BulkJob("imports", has_open_import, continue_import))
