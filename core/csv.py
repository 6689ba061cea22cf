"""Reading CSV files as people really have them, and writing them so that no cell can act.

A stored file is UTF-8 with "\\n" line ends, whatever it came as: so a byte offset is enough to go
on reading after a crash, and each line can be judged by itself.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _

from core.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
CHUNK = 1 << 16
# Python's own limit per cell; a longer one is an error of its line.
CELL_MAX = 131_072
LINE_MAX = 1_000_000
# An opened quote that is not closed within so many lines was a mistake.
RECORD_LINES_MAX = 100
SAMPLE_LINES = 200

BINARY_STARTS = (
    b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"\x89PNG",
    b"\xff\xd8\xff", b"7z\xbc\xaf", b"Rar!", b"SQLite", b"BZh", b"\xfd7zXZ",
)  # fmt: skip
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
FORMULA_STARTS = frozenset("=+-@\t\r\x00")
_NEUTRALISED = re.compile(r"'[=+\-@\t\r]")


def refuse_binary(head: bytes) -> None:
    """Raise Invalid `csv_not_text` when a file begins like a spreadsheet, an archive or a picture.

    The content decides: the name and the declared type are whatever the sender says.
    """
    is_utf16 = head.startswith(UTF16_BOMS) or _utf16_without_bom(head) is not None
    if head.startswith(BINARY_STARTS) or (b"\x00" in head[:4096] and not is_utf16):
        raise Invalid("csv_not_text", _("This is not a text file. Save as CSV first."))


def _utf16_without_bom(head: bytes) -> str | None:
    """UTF-16 Western text has a NUL in every second byte."""
    sample = head[:400]
    if len(sample) < 4:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.8 and even == 0:
        return "utf-16-le"
    if even > half * 0.8 and odd == 0:
        return "utf-16-be"
    return None


def detect_encoding(file: IO[bytes]) -> str:
    """utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8 or cp1252; reads the file to its end.

    Raises Invalid `csv_encoding` with the first bad line where it is none of them.
    """
    head = _from_start(file, 4096)
    if head.startswith(codecs.BOM_UTF8):
        guesses = ["utf-8-sig"]
    elif head.startswith(UTF16_BOMS):
        guesses = ["utf-16"]
    elif utf16 := _utf16_without_bom(head):
        guesses = [utf16]
    else:
        guesses = ["utf-8", "cp1252"]
    bad_line = 0
    for guess in guesses:
        bad_line = _first_bad_line(file, guess)
        if not bad_line:
            return guess
    raise Invalid(
        "csv_encoding",
        _("Line %(line)s has characters that cannot be read. Save the file as CSV UTF-8.")
        % {"line": bad_line},
    )


def _from_start(file: IO[bytes], size: int) -> bytes:
    file.seek(0)
    return file.read(size)


def _first_bad_line(file: IO[bytes], encoding: str) -> int:
    """The number of the first line that this encoding cannot read; 0 when it reads all."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while chunk := file.read(CHUNK):
        try:
            line += decoder.decode(chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return 0


def normalised(file: IO[bytes], encoding: str) -> Iterator[bytes]:
    """The file as chunks of UTF-8 with "\\n" line ends and without NUL characters."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline=None)
    try:
        while chunk := text.read(CHUNK):
            yield chunk.replace("\x00", "").encode()
    finally:
        text.detach()


def detect_delimiter(lines: Sequence[str]) -> str:
    """The delimiter that splits most of these lines alike; a comma when nothing splits them.

    Counted over whole lines outside quotes: csv.Sniffer can answer a letter.
    """
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        counts = [
            count for line in lines if (count := _outside_quotes(line, delimiter)) is not None
        ]
        if not counts or not counts[0]:
            continue
        alike = sum(1 for count in counts if count == counts[0]) / len(counts)
        score = alike * 1000 + counts[0]
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _outside_quotes(line: str, delimiter: str) -> int | None:
    if not line.strip():
        return None
    return "".join(line.split('"')[::2]).count(delimiter)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file: the line and byte it begins at, and its cells or what is wrong."""

    line: int
    offset: int
    cells: list[str]
    code: str = ""
    message: str = ""


class Reader:
    """Records of a stored (normalised) file, from any line on; a broken one never takes the next.

    After each record, `line` and `offset` say where the next one begins.
    """

    def __init__(self, file: IO[bytes], delimiter: str, *, line: int = 1, offset: int = 0) -> None:
        file.seek(offset)
        self._file = file
        self._delimiter = delimiter
        # Lines read ahead and given back: (text, length in bytes).
        self._ahead: deque[tuple[str, int]] = deque()
        self._taken: list[tuple[str, int]] = []
        self.line = line
        self.offset = offset

    def __iter__(self) -> Iterator[Record]:
        reader = self._new_reader()
        while True:
            start, offset = self.line, self.offset
            self._taken = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                code, message = _explained(error)
                yield self._give_up(start, offset, code, message)
                reader = self._new_reader()
                continue
            self.line += len(self._taken)
            self.offset += sum(length for _text, length in self._taken)
            yield Record(start, offset, cells)

    def _new_reader(self) -> Any:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        while True:
            found = self._ahead.popleft() if self._ahead else self._read_line()
            if found is None:
                return
            self._taken.append(found)
            if len(self._taken) > RECORD_LINES_MAX:
                raise csv.Error("quote open for too many lines")
            if found[1] > LINE_MAX:
                raise csv.Error("field larger than field limit")
            yield found[0]

    def _read_line(self) -> tuple[str, int] | None:
        raw = self._file.readline(LINE_MAX + 1)
        if not raw:
            return None
        length = len(raw)
        while not raw.endswith(b"\n") and length > LINE_MAX:
            raw = self._file.readline(LINE_MAX)
            if not raw:
                break
            length += len(raw)
        text = "" if length > LINE_MAX else raw.decode()
        return text, length

    def _give_up(self, start: int, offset: int, code: str, message: str) -> Record:
        """Refuse the line the record began on, and give the lines after it back."""
        text, length = self._taken[0]
        self._ahead.extendleft(reversed(self._taken[1:]))
        self.line, self.offset = start + 1, offset + length
        return Record(start, offset, [text[:500].rstrip("\n")], code, message)


def _explained(error: csv.Error) -> tuple[str, str]:
    if "limit" in str(error):
        message = _("A cell is longer than %(most)s characters.") % {"most": CELL_MAX}
        return "field_too_long", message
    return "csv_quote", _("A quotation mark is opened and never closed, or closed too early.")


def neutralised(value: object) -> str:
    """A cell no spreadsheet takes for a formula: those that look like one get a quote in front."""
    text = "" if value is None else str(value)
    if text and text[0] in FORMULA_STARTS:
        return "'" + text.replace("\x00", "")
    return text


def restored(cell: str) -> str:
    """The cell as it was before `neutralised`."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def write_rows(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of CSV, every cell neutralised; the first chunk begins with no mark of any kind."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([neutralised(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
