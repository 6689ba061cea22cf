"""Past orders from a file, taken in at once; sending the file again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from commerce.ingest import take_orders
from commerce.models import Product, Shop
from commerce.order_files import FileOrders, FileProblem, Reading, read_orders
from commerce.shapes import NewLine, NewOrder

SLICE = 500
# Orders of no connected shop.
SOURCE = "csv"


@dataclass
class Imported:
    """What became of a file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[FileProblem] = field(default_factory=list)


def import_orders(*, file: IO[bytes], reading: Reading, source: str, now: datetime) -> Imported:
    """Take in the orders of a file as orders of that shop; raises Invalid for no usable file."""
    read = read_orders(file=file, reading=reading)
    orders = _with_products(read, source)
    imported = Imported(problems=list(read.problems))
    for start in range(0, len(orders), SLICE):
        _take(orders[start : start + SLICE], imported, source, now)
    imported.problems.sort(key=lambda problem: problem.line)
    return imported


def _take(
    orders: Sequence[tuple[int, NewOrder]], imported: Imported, source: str, now: datetime
) -> None:
    answers = take_orders(items=[order for _line, order in orders], source=source, now=now)
    for (line, _order), answer in zip(orders, answers, strict=True):
        if answer.code:
            imported.problems.append(FileProblem(line, answer.code, answer.message))
            continue
        imported.problems += [FileProblem(line, "note", note) for note in answer.notes]
        imported.created += answer.created
        imported.updated += answer.changed and not answer.created
        imported.unchanged += not answer.changed and not answer.created


def _with_products(read: FileOrders, source: str) -> list[tuple[int, NewOrder]]:
    """Lines named after the catalogue's products of the same SKU."""
    skus = {line.sku for _number, order in read.orders for line in order.lines} - {""}
    products = Product.objects.filter(source=source, sku__in=skus)
    known = dict(products.values_list("sku", "external_id"))
    return [
        (number, replace(order, lines=tuple(_named(line, known) for line in order.lines)))
        for number, order in read.orders
    ]


def _named(line: NewLine, known: dict[str, str]) -> NewLine:
    return replace(line, product_external_id=known.get(line.sku, ""))


def sources() -> list[tuple[str, str]]:
    """The shops a file may belong to: (source, name)."""
    return list(Shop.objects.order_by("name").values_list("key", "name"))
