"""Taking a file in: is it text, how is it written, what are its columns."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.temp import NamedTemporaryFile
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contacts.imports.targets import guess_mapping
from contacts.models import ContactField, ContactImport
from contacts.origins import recognise
from core import csv
from core.errors import Invalid

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows (Western European)",
}
COLUMNS_MAX = 300


@dataclass
class _Written:
    """What was learnt while the file was written down."""

    lines: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def upload(
    *, file: IO[bytes], name: str, now: datetime, by_id: UUID | None = None
) -> ContactImport:
    """Store a file for import, columns guessed; nothing is imported yet.

    Raises Invalid `csv_too_large`, `csv_not_text`, `csv_encoding`, `csv_no_rows`,
    `csv_too_many_columns` or `csv_too_many_rows`.
    """
    file.seek(0)
    head = file.read(4096)
    _refuse_size(file)
    csv.refuse_binary(head)
    encoding = csv.detect_encoding(file)
    with NamedTemporaryFile() as copy:
        written = _write(csv.normalised(file, encoding), copy)
        if written.lines - 1 > settings.IMPORT_ROWS_MAX:
            raise too_many_rows(written.lines - 1)
        delimiter = _delimiter(copy)
        headers, rows = _preview(copy, delimiter, 1)
        _check_headers(headers, rows)
        origin = recognise(headers)
        job = ContactImport(
            file_name=name[-200:],
            fingerprint=written.digest.hexdigest(),
            origin=origin.key if origin else "",
            encoding=encoding,
            delimiter=delimiter,
            columns=headers,
            mapping=guess_mapping(headers, origin, list(ContactField.objects.all())),
            total_rows=written.lines - 1,
            created_by_id=by_id,
            created_at=now,
        )
        copy.seek(0)
        job.file.save(f"{job.id}.csv", File(copy), save=False)
        job.save(force_insert=True)
    return job


def too_many_rows(count: int) -> Invalid:
    """The refusal of a file with more rows than the installation takes at once."""
    return Invalid(
        "csv_too_many_rows",
        _("This file has %(count)s rows; at most %(most)s can be imported at once. Split it.")
        % {
            "count": number_format(count, force_grouping=True),
            "most": number_format(settings.IMPORT_ROWS_MAX, force_grouping=True),
        },
    )


def _refuse_size(file: IO[bytes]) -> None:
    size = file.seek(0, 2)
    most = settings.IMPORT_BYTES_MAX
    if size > most:
        raise Invalid(
            "csv_too_large",
            _("This file is larger than %(most)s MB. Split it.") % {"most": most // 1_000_000},
        )


def _write(chunks: Iterator[bytes], copy: IO[bytes]) -> _Written:
    written = _Written()
    last = b"\n"
    for chunk in chunks:
        copy.write(chunk)
        written.digest.update(chunk)
        written.lines += chunk.count(b"\n")
        last = chunk[-1:]
    written.lines += last != b"\n"
    copy.flush()
    return written


def _delimiter(copy: IO[bytes]) -> str:
    copy.seek(0)
    raw = islice(iter(lambda: copy.readline(csv.LINE_MAX), b""), csv.SAMPLE_LINES)
    return csv.detect_delimiter([line.decode(errors="replace") for line in raw])


def _check_headers(headers: list[str], rows: list[list[str]]) -> None:
    if len(headers) > COLUMNS_MAX:
        raise Invalid(
            "csv_too_many_columns",
            _("This file has more than %(most)s columns.") % {"most": COLUMNS_MAX},
        )
    if not rows:
        raise Invalid("csv_no_rows", _("Only a header row was found."))


def _preview(file: IO[bytes], delimiter: str, rows: int) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows that hold anything; broken ones are left out."""
    filled = (
        record.cells
        for record in csv.Reader(file, delimiter)
        if record.code or any(cell.strip() for cell in record.cells)
    )
    found = list(islice(filled, rows + 1))
    headers = [cell.strip()[:100] for cell in found[0]] if found else []
    return headers, [[cell[:200] for cell in row] for row in found[1:]]


def preview(job: ContactImport, *, rows: int = 5) -> list[list[str]]:
    """The first rows of a stored file, as wide as its header."""
    with job.file.open("rb") as file:
        _headers, found = _preview(file, job.delimiter, rows)
    width = len(job.columns)
    return [(row + [""] * width)[:width] for row in found]


__all__ = ["preview", "too_many_rows", "upload"]
