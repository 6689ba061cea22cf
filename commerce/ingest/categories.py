"""Categories from any door; parents and products may come before or after them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from commerce.ingest.checks import Checks, ItemRefused
from commerce.ingest.locks import hold_catalogue
from commerce.ingest.products import buyers_of
from commerce.ingest.shelves import products_naming, put_on_shelves
from commerce.ingest.writing import Table
from commerce.models import Category, ProductCategory
from commerce.shapes import NewCategory, Taken
from commerce.stats import recompute_stats

CATEGORIES = Table(
    Category,
    ("id", "source", "external_id", "name", "parent", "parent_external_id", "path", "changed_at"),
)


def take_categories(*, items: Sequence[NewCategory], source: str, now: datetime) -> list[Taken]:
    """Create or update categories of one shop by their external id; one answer per item, in order.

    News older than what is there changes nothing. Categories that stand in each other in a circle
    count as standing in nothing.
    """
    taken: dict[int, Taken] = {}
    good: dict[int, NewCategory] = {}
    checks = Checks({}, now)
    for index, item in enumerate(items):
        try:
            good[index] = checks.category(item)
        except ItemRefused as refusal:
            taken[index] = refusal.taken(index)
    if good:
        with transaction.atomic():
            hold_catalogue(source, exclusive=True)
            taken |= _write(good, source, now)
    return [taken[index] for index in range(len(items))]


def _write(good: dict[int, NewCategory], source: str, now: datetime) -> dict[int, Taken]:
    # A shop has some hundreds of categories: its whole tree is read and laid out again.
    tree = {row.external_id: row for row in Category.objects.filter(source=source)}
    before = {key: _state(row) for key, row in tree.items()}
    made: dict[str, int] = {}
    for index, item in sorted(good.items(), key=lambda each: (each[1].changed_at or now, each[0])):
        if item.external_id not in tree:
            made[item.external_id] = index
            tree[item.external_id] = Category(
                source=source,
                external_id=item.external_id,
                changed_at=min(item.changed_at or now, now),
            )
        _fill(tree[item.external_id], item, now)
    lay_out(tree)
    new = [tree[key] for key in made]
    changed = [row for key, row in tree.items() if key in before and before[key] != _state(row)]
    # Parents before their children: a child points at its parent's row.
    new.sort(key=_depth)
    CATEGORIES.insert(new)
    CATEGORIES.update(changed)
    _follow(source, new, [row for row in changed if before[row.external_id]["path"] != row.path])
    touched = {row.external_id for row in [*new, *changed]}
    return {
        index: Taken(
            index,
            id=str(tree[item.external_id].pk),
            created=made.get(item.external_id) == index,
            changed=item.external_id in touched,
        )
        for index, item in good.items()
    }


def _depth(row: Category) -> int:
    return len(row.path)


def _state(row: Category) -> dict[str, object]:
    return {attribute: getattr(row, attribute) for _column, attribute in CATEGORIES.attributes}


def _fill(row: Category, item: NewCategory, now: datetime) -> None:
    at = min(item.changed_at or now, now)
    if at >= row.changed_at:
        row.name, row.parent_external_id = item.name, item.parent_external_id
        row.changed_at = at


def lay_out(tree: dict[str, Category]) -> None:
    """Give each category its parent and its path from the root."""
    for row in tree.values():
        path, parent = [row], tree.get(row.parent_external_id)
        while parent and parent not in path:
            path.insert(0, parent)
            parent = tree.get(parent.parent_external_id)
        if parent:
            path = [row]
        row.parent_id = path[-2].pk if len(path) > 1 else None
        row.path = [each.pk for each in path]


def _follow(source: str, new: Sequence[Category], moved: Sequence[Category]) -> None:
    """Put waiting products on new shelves, and tell the statistics of whom it concerns."""
    products: set[UUID] = set()
    if new:
        named = products_naming(
            source=source, category_external_ids=[row.external_id for row in new]
        )
        products |= put_on_shelves(product_ids=named)
    if moved:
        shelves = ProductCategory.objects.filter(category__in=moved)
        products |= set(shelves.values_list("product", flat=True))
    recompute_stats(contact_ids=buyers_of(products))
