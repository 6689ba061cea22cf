"""Reading a file of past orders: one row per line, grouped by order; shops' exports known."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.core.files.temp import NamedTemporaryFile
from django.utils.translation import gettext as _

from commerce.shapes import Buyer, NewLine, NewOrder
from contacts.fields import ValueRefused, parse_date, parse_number
from contacts.rows import ContactRow
from core import csv
from core.errors import Invalid

ROWS_MAX = 5000
BYTES_MAX = 5_000_000
# What the columns are called, in our own words, by Shopify, and by exports of WooCommerce.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("order_id", "order id", "id", "external_id"),
    "number": ("number", "order_number", "order number", "order", "name"),
    "email": ("email", "email (billing)", "billing email", "customer email"),
    "first_name": ("first_name", "first name", "first name (billing)", "billing first name"),
    "last_name": ("last_name", "last name", "last name (billing)", "billing last name"),
    "phone": ("phone", "phone (billing)", "billing phone"),
    "company": ("company", "company (billing)", "billing company"),
    "placed_at": ("placed_at", "created at", "order date", "order_date", "date"),
    "paid_at": ("paid_at", "paid at", "paid date"),
    "fulfilled_at": ("fulfilled_at", "fulfilled at", "completed date"),
    "delivered_at": ("delivered_at", "delivered at"),
    "cancelled_at": ("cancelled_at", "cancelled at", "canceled at"),
    "status": ("status", "order status", "financial status"),
    "currency": ("currency", "order currency"),
    "total": ("total", "order total", "order total amount"),
    "shipping": ("shipping", "order shipping amount", "shipping total"),
    "discount": ("discount amount", "cart discount amount", "discount"),
    "refunded": ("refunded amount", "order refund amount", "refunded"),
    "coupon": ("discount code", "coupon code", "coupon"),
    "product": ("product", "lineitem name", "item name", "product name"),
    "sku": ("sku", "lineitem sku"),
    "quantity": ("quantity", "lineitem quantity"),
    "price": ("price", "lineitem price", "item cost", "unit_price"),
}
# What a status says has happened, when no date tells.
STATUSES: Mapping[str, tuple[str, ...]] = {
    "paid_at": ("paid", "processing", "completed", "fulfilled", "delivered", "partially_refunded"),
    "fulfilled_at": ("completed", "fulfilled", "delivered"),
    "delivered_at": ("delivered",),
    "cancelled_at": ("cancelled", "canceled", "failed", "voided"),
    "refunded_at": ("refunded",),
}
_WHEN = re.compile(
    r"(?P<day>[\d./-]+)(?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?))?(?:\.\d+)?"
    r"\s*(?:(?P<utc>Z|UTC)|(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):?(?P<minutes>[0-5]\d))?"
)


@dataclass(frozen=True)
class FileProblem:
    """A line that could not be used."""

    line: int
    code: str
    message: str


@dataclass
class FileOrders:
    """What a file holds: orders with the line each begins on, and what is wrong."""

    orders: list[tuple[int, NewOrder]] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """How to read what a file leaves open."""

    # "ymd", "dmy" or "mdy"; asked, never guessed.
    date_order: str
    currency: str
    zone: ZoneInfo


Row = dict[str, str]


def read_orders(*, file: IO[bytes], reading: Reading) -> FileOrders:
    """The orders of a file; a line that cannot be used is told and stops nothing else.

    Raises Invalid `csv_too_large`, `csv_not_text`, `csv_encoding`, `csv_no_rows`,
    `csv_too_many_rows` or `csv_columns`.
    """
    found = FileOrders()
    groups: dict[str, list[tuple[int, Row]]] = {}
    for record, row in _rows(file):
        key = row.get("id") or row.get("number") or ""
        if record.code:
            found.problems.append(FileProblem(record.line, record.code, record.message))
        elif key:
            # Shopify writes the id on an order's first row only, the number on all.
            groups.setdefault(row.get("number") or key, []).append((record.line, row))
        else:
            message = _("This line does not say which order it belongs to.")
            found.problems.append(FileProblem(record.line, "no_order", message))
    for rows in groups.values():
        line = rows[0][0]
        try:
            found.orders.append((line, _order([row for _line, row in rows], reading)))
        except ValueRefused as refusal:
            found.problems.append(FileProblem(line, refusal.code, str(refusal.message)))
    found.problems.sort(key=lambda problem: problem.line)
    return found


def _rows(file: IO[bytes]) -> Iterator[tuple[csv.Record, Row]]:
    if file.seek(0, 2) > BYTES_MAX:
        raise Invalid("csv_too_large", _("This file is larger than 5 MB. Split it."))
    file.seek(0)
    csv.refuse_binary(file.read(4096))
    with NamedTemporaryFile() as copy:
        for chunk in csv.normalised(file, csv.detect_encoding(file)):
            copy.write(chunk)
        copy.seek(0)
        lines = islice(iter(lambda: copy.readline(csv.LINE_MAX), b""), csv.SAMPLE_LINES)
        delimiter = csv.detect_delimiter([line.decode(errors="replace") for line in lines])
        records = iter(csv.Reader(copy, delimiter))
        columns = _columns(next(records, None))
        count = 0
        for record in records:
            if not record.code and not any(cell.strip() for cell in record.cells):
                continue
            count += 1
            if count > ROWS_MAX:
                message = _("At most %(most)s lines are taken at once. Split it.")
                raise Invalid("csv_too_many_rows", message % {"most": ROWS_MAX})
            yield record, _cells(record, columns)
        if not count:
            raise Invalid("csv_no_rows", _("Only a header row was found."))


def _columns(header: csv.Record | None) -> dict[str, int]:
    """Where each thing stands; the first of its names that is there counts."""
    cells = [cell.strip().lower() for cell in header.cells] if header else []
    columns = {
        target: cells.index(name)
        for target, names in HEADERS.items()
        for name in [next((each for each in names if each in cells), None)]
        if name
    }
    missing = [name for name in ("placed_at", "product") if name not in columns]
    if missing or not columns.keys() & {"id", "number"}:
        raise Invalid(
            "csv_columns",
            _("Columns for the order’s id, its date and the product are needed. Call them"
              " order_id, date and product."),
        )  # fmt: skip
    return columns


def _cells(record: csv.Record, columns: dict[str, int]) -> Row:
    return {
        target: csv.restored(record.cells[place].strip())
        for target, place in columns.items()
        if place < len(record.cells) and record.cells[place].strip()
    }


def _order(rows: Sequence[Row], reading: Reading) -> NewOrder:
    """One order of its rows; what is told of the whole stands on any of them."""
    known: Row = {}
    for row in rows:
        known = row | known
    lines = tuple(_line(row) for row in rows if row.get("product"))
    placed_at = _moment(known.get("placed_at", ""), reading)
    more: dict[str, Any] = {
        name: _moment(known[name], reading) if name in known else _by_status(name, known, placed_at)
        for name in STATUSES
    }
    more |= {
        name: _amount(known[name]) for name in ("shipping", "discount", "refunded") if name in known
    }
    total = _amount(known["total"]) if "total" in known else sum(
        (line.total for line in lines), Decimal(0)
    )  # fmt: skip
    return NewOrder(
        external_id=known.get("id") or known["number"],
        number=known.get("number", ""),
        currency=known.get("currency", reading.currency),
        total=total,
        placed_at=placed_at,
        lines=lines,
        buyer=_buyer(known),
        coupon_codes=tuple(filter(None, [known.get("coupon", "")])),
        **more,
    )


def _by_status(name: str, known: Row, placed_at: datetime) -> datetime | None:
    return placed_at if known.get("status", "").lower() in STATUSES[name] else None


def _buyer(known: Row) -> Buyer | None:
    if not known.keys() & {"email", "phone"}:
        return None
    row = ContactRow(
        email=known.get("email"), phone=known.get("phone"), first_name=known.get("first_name"),
        last_name=known.get("last_name"),
    )  # fmt: skip
    return Buyer(row, company=known.get("company", ""))


def _line(row: Row) -> NewLine:
    quantity = _amount(row.get("quantity", "1"))
    price = _amount(row.get("price", "0"))
    return NewLine(
        name=row["product"], quantity=quantity, unit_price=price, total=quantity * price,
        sku=row.get("sku", ""),
    )  # fmt: skip


def _amount(text: str) -> Decimal:
    parse_number(text)
    return Decimal(text.strip().replace(",", "."))


def _moment(text: str, reading: Reading) -> datetime:
    """Raises ValueRefused `bad_date`; without a zone it is the workspace's time."""
    found = _WHEN.fullmatch(text.strip())
    day = parse_date(found["day"] if found else text, order=reading.date_order)
    at = found["time"] if found and found["time"] else "12:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{at if at[2] == ':' else f'0{at}'}")
    except ValueError:
        raise ValueRefused(
            "bad_date", _("“%(value)s” is no date.") % {"value": text[:60]}
        ) from None
    if found and found["utc"]:
        return moment.replace(tzinfo=ZoneInfo("UTC"))
    if found and found["sign"]:
        shift = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
        shift = -shift if found["sign"] == "-" else shift
        return moment.replace(tzinfo=timezone(shift))
    return moment.replace(tzinfo=reading.zone)
