"""Exports: all contacts a filter holds for, written to one CSV file in the background."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.contrib.postgres.aggregates import StringAgg
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from contacts.contracts import BulkJob, bulk_jobs
from contacts.lane import wake_bulk_lane
from contacts.listing import Filters, filtered
from contacts.models import ContactExport, ContactField, ContactTag
from contacts.segments import scope_at
from core.csv import write_rows
from core.errors import Invalid

PLAIN = ("email", "first_name", "last_name", "phone", "external_id", "language", "timezone",
         "email_consent", "source", "created_at")  # fmt: skip
OPEN = [ContactExport.Status.QUEUED, ContactExport.Status.RUNNING]
# Rows the cursor holds at once.
CHUNK = 2000
OPEN_MAX = 3


def request_export(*, filters: Filters, now: datetime, by_id: UUID | None = None) -> ContactExport:
    """Queue an export. Raises Invalid `too_many_exports` while three are open."""
    with transaction.atomic():
        if ContactExport.objects.filter(status__in=OPEN).count() >= OPEN_MAX:
            raise Invalid("too_many_exports", _("Three exports are being written. Wait for one."))
        job = ContactExport.objects.create(
            filters=filters.as_json(), created_by_id=by_id, created_at=now
        )
        wake_bulk_lane(now=now)
    return job


def has_open_export() -> bool:
    """Whether any export is queued or half written."""
    return ContactExport.objects.filter(status__in=OPEN).exists()


def continue_export(now: datetime) -> None:
    """Write the oldest export. A killed one left nothing behind, and is written anew."""
    with transaction.atomic():
        job = (
            ContactExport.objects.select_for_update(skip_locked=True)
            .filter(status__in=OPEN)
            .order_by("created_at")
            .first()
        )
        if job is None:
            return
        name = ""
        try:
            with transaction.atomic():
                name = _write(job)
        except OSError:
            job.status = ContactExport.Status.FAILED
            job.error = _("The file could not be written. Try again.")
        else:
            job.status = ContactExport.Status.DONE
        job.file, job.finished_at = name, now
        job.save(update_fields=["status", "error", "file", "rows", "finished_at"])


def _write(job: ContactExport) -> str:
    """Write the rows and store the file; its name in the storage."""
    with NamedTemporaryFile("w+", newline="", encoding="utf-8-sig") as copy:
        job.rows = -1  # the header
        for line in write_rows(_rows(job)):
            copy.write(line)
            job.rows += 1
        copy.flush()
        with open(copy.name, "rb") as written:
            return default_storage.save(f"exports/{job.pk}.csv", File(written))


def _rows(job: ContactExport) -> Iterator[list[object]]:
    custom = list(ContactField.objects.values_list("key", "label"))
    yield [*PLAIN, "tags", *(label for _key, label in custom)]
    tags = (
        ContactTag.objects.filter(contact=OuterRef("pk"))
        .order_by()
        .values("contact")
        .annotate(names=StringAgg("tag__name", ", ", order_by="tag__name"))
        .values("names")
    )
    chosen = filtered(Filters.read(job.filters), scope_at(job.created_at))
    people = chosen.order_by("created_at", "id").values_list(*PLAIN, "fields", Subquery(tags))
    for *plain, fields, names in people.iterator(chunk_size=CHUNK):
        plain[-1] = plain[-1].isoformat()
        yield [*plain, names, *(_cell(fields.get(key)) for key, _label in custom)]


def _cell(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def forget_export(*, job: ContactExport) -> None:
    """Take a finished export and its file away."""
    with transaction.atomic():
        deleted, _models = ContactExport.objects.filter(pk=job.pk).exclude(status__in=OPEN).delete()
        if deleted and job.file:
            transaction.on_commit(partial(default_storage.delete, str(job.file.name)))


bulk_jobs.register(BulkJob("exports", has_open_export, continue_export))
