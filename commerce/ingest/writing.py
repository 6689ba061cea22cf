"""Writing many rows of one table in one statement, from one JSON parameter."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Model


class Table:
    """Some columns of a model's table, written for many rows at once."""

    def __init__(self, model: type[Model], names: Sequence[str]) -> None:
        by_name = {field.name: field for field in model._meta.concrete_fields}
        fields = [by_name[name] for name in names]
        self.name = model._meta.db_table
        self.attributes = [(str(field.column), field.attname) for field in fields]
        self.columns = [str(field.column) for field in fields]
        self._types = [str(field.db_type(connection)) for field in fields]

    def insert(self, rows: Sequence[Model]) -> set[UUID]:
        """Insert the rows in the order given; the ids of those that were not there yet."""
        if not rows:
            return set()
        names = ", ".join(self.columns)
        return self._run(
            f"INSERT INTO {self.name} ({names}) SELECT {names} FROM {self._source()}"
            " ON CONFLICT DO NOTHING RETURNING id",
            rows,
        )

    def update(self, rows: Sequence[Model]) -> None:
        """Write the rows over those of the same id."""
        if rows:
            self._run(
                f"UPDATE {self.name} AS stored SET {self._assignments('new')}"
                f" FROM {self._source()} WHERE stored.id = new.id RETURNING stored.id",
                rows,
            )

    def put(self, rows: Sequence[Model], *, key: Sequence[str], returning: str) -> set[UUID]:
        """Insert the rows, or write them over those of the same key where they differ.

        What `returning` holds of the rows that were written.
        """
        if not rows:
            return set()
        names = ", ".join(self.columns)
        rest = [name for name in self.columns if name not in (*key, "id")]
        old = ", ".join(f"stored.{name}" for name in rest)
        new = ", ".join(f"excluded.{name}" for name in rest)
        return self._run(
            f"INSERT INTO {self.name} AS stored ({names}) SELECT {names} FROM {self._source()}"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE"
            f" SET {', '.join(f'{name} = excluded.{name}' for name in rest)}"
            f" WHERE ({old}) IS DISTINCT FROM ({new}) RETURNING stored.{returning}",
            rows,
        )

    def _source(self) -> str:
        columns = zip(self.columns, self._types, strict=True)
        return f"jsonb_to_recordset(%s::jsonb) AS new ({', '.join(map(' '.join, columns))})"

    def _assignments(self, record: str) -> str:
        return ", ".join(f"{name} = {record}.{name}" for name in self.columns if name != "id")

    def _run(self, statement: str, rows: Sequence[Model]) -> set[UUID]:
        records = [
            {column: _plain(getattr(row, attribute)) for column, attribute in self.attributes}
            for row in rows
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement, [msgspec.json.encode(records).decode()])
            return {row[0] for row in cursor.fetchall()}


def _plain(value: Any) -> Any:
    """Moments in UTC: PostgreSQL refuses zones further from it than sixteen hours."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
