"""Workload 2: 100,000 contacts from a file of 10 columns, 5 % invalid, 10 % doubles.

The first reference copies the same file into a plain table of text and upserts from there into a
plain table of contacts: no checks, no tags, no consent, no report. The second is what a Django
project would write to get the same rows: `bulk_create(update_conflicts=True)` for contacts, and
again for tags and consents. It takes fewer rows.
"""

import csv
import ctypes
import gc
import io
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psutil

from benchmarks.harness import Bench, Result, describe, median_rate, median_ratio
from benchmarks.world import make_workspace

ROWS = 100_000
NAIVE_ROWS = 10_000
INVALID, DOUBLES = 0.05, 0.10
HEADER = (
    "Email", "First name", "Last name", "Phone", "Language", "Customer id", "City", "Spent",
    "Birthday", "Tags",
)  # fmt: skip
TARGETS = (
    "email", "first_name", "last_name", "phone", "language", "external_id", "new:text",
    "new:number", "new:date", "tags",
)  # fmt: skip
PLAIN = ("email", "first", "last", "phone", "lang", "customer", "city", "spent", "birth", "tags")
MEGABYTE = 2**20


def run(bench: Bench) -> Result:
    """Judge the rate against both references, CPU a row, memory, and every count."""
    from django.utils import timezone

    result = Result("2 contact import")
    rows = bench.count(ROWS)
    file = File(rows)
    small = File(min(NAIVE_ROWS, rows))
    now = timezone.now()
    copied, bulked, ours = [], [], []
    wrong, grown = 0, 0.0
    for number in range(bench.pairs):
        workspace = make_workspace(f"import-{number}", now)
        plain = make_workspace(f"plain-{number}", now)
        with memory_grown() as peak:
            ours.append(bench.measure(lambda file=file, place=workspace: _import(file, place, now)))
        copied.append(bench.measure(lambda file=file, place=plain: _copy(file, place)))
        bulked.append(bench.measure(lambda file=small, place=plain: _bulk_create(file, place, now)))
        grown = max(grown, peak[0])
        wrong += _wrong(file, workspace)
    result.lines.append(describe("COPY and upsert", copied, "rows"))
    result.lines.append(describe("bulk_create(update_conflicts)", bulked, "rows"))
    result.lines.append(describe("Viaggio", ours, "rows"))
    result.at_least("ratio to COPY and upsert", median_ratio(copied, ours), 0.4)
    result.at_least("ratio to bulk_create", median_ratio(bulked, ours), 5)
    result.at_most("CPU-milliseconds a row", 1000 / median_rate(ours), 0.10)
    result.at_most("memory grown, MB", grown, 80)
    result.exactly("rows, tags, consents or errors that are not right", wrong, 0)
    return result


class File:
    """A CSV file, and what should come of it."""

    def __init__(self, rows: int) -> None:
        chance = random.Random(20261122)
        self.rows = rows
        self.invalid = int(rows * INVALID)
        self.people = rows - self.invalid - int(rows * DOUBLES)
        lines = [_line(number, chance) for number in range(self.people)]
        lines += [_line(chance.randrange(self.people), chance) for _ in range(int(rows * DOUBLES))]
        broken = [[f"nobody{n}", *_line(n, chance)[1:]] for n in range(self.invalid)]
        lines += broken
        chance.shuffle(lines)
        text = io.StringIO()
        csv.writer(text).writerows([HEADER, *lines])
        self.content = text.getvalue().encode()

    def records(self) -> Iterator[dict[str, str]]:
        """The rows by plain names, invalid ones left out."""
        lines = csv.reader(io.StringIO(self.content.decode()))
        next(lines)
        return (dict(zip(PLAIN, line, strict=True)) for line in lines if "@" in line[0])


def _line(number: int, chance: random.Random) -> list[str]:
    return [
        f"person{number:06}@example.com",
        f"Name{number % 997}",
        f"Surname{number % 4999}",
        f"+3933{number:08}",
        "it" if number % 4 else "en",
        f"C{number:06}",
        ("Torino", "Roma", "Milano")[number % 3],
        str(chance.randrange(1000)),
        f"19{60 + number % 40}-{1 + number % 12:02}-{1 + number % 28:02}",
        f"tag{number % 5}",
    ]


def _import(file: File, workspace: Any, now: datetime) -> float:
    """Ours, from the upload to the last batch."""
    from contacts.imports import running
    from contacts.imports.starting import Choices, start
    from contacts.imports.uploading import upload
    from tenants.context import enter_workspace

    with enter_workspace(workspace.schema_name):
        job = upload(file=io.BytesIO(file.content), name="contacts.csv", now=now)
        mapping = {str(number): target for number, target in enumerate(TARGETS)}
        choices = Choices(
            mapping=mapping, tag="newsletter", date_order="ymd", wording="They asked for our news."
        )
        start(job=job, choices=choices, now=now)
        while running.has_open_import():
            running.continue_import(now)
    return file.rows


def _copy(file: File, workspace: Any) -> float:
    """The physical limit: COPY as it is, one statement to upsert."""
    from django.db import connection, transaction

    from tenants.context import enter_workspace

    columns = ", ".join(f"{name} text" for name in PLAIN)
    with (
        enter_workspace(workspace.schema_name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"CREATE TEMP TABLE came ({columns}) ON COMMIT DROP")
        cursor.execute(
            "CREATE TABLE plain (id uuid PRIMARY KEY DEFAULT public.uuid7(), email text UNIQUE,"
            " first text, last text, phone text, lang text, customer text, fields jsonb)"
        )
        with cursor.copy("COPY came FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(file.content)
        cursor.execute(
            "INSERT INTO plain (email, first, last, phone, lang, customer, fields)"
            " SELECT DISTINCT ON (email) email, first, last, phone, lang, customer,"
            "   jsonb_build_object('city', city, 'spent', spent, 'birth', birth)"
            " FROM came WHERE email LIKE '%%@%%'"
            " ON CONFLICT (email) DO UPDATE SET first = EXCLUDED.first, last = EXCLUDED.last,"
            " phone = EXCLUDED.phone, lang = EXCLUDED.lang, fields = EXCLUDED.fields",
            [],
        )
    return file.rows


def _bulk_create(file: File, workspace: Any, now: datetime) -> float:
    """The Django way to the same rows: objects in thousands; later lines win, errors are lost."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from contacts.models import ConsentEntry, Contact, ContactTag, Tag
    from tenants.context import enter_workspace

    people, tags_of = {}, {}
    for row in file.records():
        try:
            validate_email(row["email"])
        except ValidationError:
            continue
        tags_of[row["email"]] = (row["tags"], "newsletter")
        people[row["email"]] = Contact(
            email=row["email"].lower(),
            first_name=row["first"],
            last_name=row["last"],
            phone=row["phone"],
            language=row["lang"],
            external_id=row["customer"],
            fields={"city": row["city"], "spent": int(row["spent"]), "birthday": row["birth"]},
            email_consent="subscribed",
        )
    with enter_workspace(workspace.schema_name):
        contacts = Contact.objects.bulk_create(
            people.values(),
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["email"],
            update_fields=["first_name", "last_name", "phone", "language", "fields"],
        )
        names = {name for given in tags_of.values() for name in given}
        tags = {name: Tag.objects.get_or_create(name=name)[0] for name in names}
        ContactTag.objects.bulk_create(
            (
                ContactTag(contact=contact, tag=tags[name])
                for contact in contacts
                for name in tags_of[contact.email]
            ),
            batch_size=1000,
            ignore_conflicts=True,
        )
        ConsentEntry.objects.bulk_create(
            (
                ConsentEntry(
                    contact_id=contact.pk,
                    channel="email",
                    action="subscribed",
                    source="import",
                    occurred_at=now,
                    recorded_at=now,
                )
                for contact in contacts
            ),
            batch_size=1000,
        )
    return file.rows


def _wrong(file: File, workspace: Any) -> int:
    """How far contacts, tags, consents and reported errors are from what the file says."""
    from contacts.models import ConsentEntry, Contact, ContactImport, ContactTag, ImportProblem
    from tenants.context import enter_workspace

    with enter_workspace(workspace.schema_name):
        return (
            abs(Contact.objects.filter(email_consent="subscribed").count() - file.people)
            + abs(ContactTag.objects.count() - 2 * file.people)
            + abs(ConsentEntry.objects.count() - file.people)
            + abs(ImportProblem.objects.count() - file.invalid)
            + ContactImport.objects.exclude(status="done").count()
        )


@contextmanager
def memory_grown() -> Iterator[list[float]]:
    """Megabytes that the process grew by at its largest within the block, seen every 20 ms."""
    process = psutil.Process(os.getpid())
    # What earlier work left free in the heap would hide the growth.
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    before, peak, over = process.memory_info().rss, [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], (process.memory_info().rss - before) / MEGABYTE)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
