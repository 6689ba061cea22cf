"""Bringing every schema up to date: only those that are behind, and one failing stops only itself.

Asking Django about each schema costs 131 queries and grows with their number. So all schemas that
exist are asked for their newest migrations first, a hundred in one statement.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from tenants.context import enter_public
from tenants.models import Workspace
from tenants.schema import ensure_template, migrations_state

log = logging.getLogger(__name__)
CHUNK = 100


@dataclass
class Outcome:
    """Which schemas were brought up to date, and which could not be, with the reason."""

    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def migrate_all() -> Outcome:
    """Migrate the shared tables, the template, then each workspace that is behind it.

    A workspace that fails is named in the outcome and left as it was; a rerun tries it again.
    """
    with enter_public():
        if is_public_behind():
            call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        if is_template_behind():
            ensure_template()
        outcome = Outcome()
        for schema_name in schemas_behind():
            _migrate(schema_name, outcome)
    return outcome


def is_public_behind() -> bool:
    """True when a migration of any app is not recorded in the shared schema."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_template_behind() -> bool:
    """True when the template is missing or lacks a migration the shared schema has recorded.

    Every schema records every app's migrations, those without tables in it too.
    """
    template = settings.TEMPLATE_SCHEMA
    if not Workspace.objects.filter(schema_name=template).exists() or not _has_schema(template):
        return True
    return _recorded(template) != _recorded("public")


def _has_schema(schema_name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", [schema_name])
        return bool(cursor.fetchone()[0])


def _recorded(schema_name: str) -> set[tuple[str, str]]:
    table = sql.Identifier(schema_name, "django_migrations")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT app, name FROM {}").format(table))
        return set(cursor.fetchall())


def schemas_behind() -> list[str]:
    """Schemas of workspaces, suspended ones too, whose migrations differ from the template's."""
    target = migrations_state(settings.TEMPLATE_SCHEMA).partition(":")[0]
    return [name for chunk in _chunks() for name, count in _counts(chunk) if count != int(target)]


def _chunks() -> Iterator[list[str]]:
    names = list(
        Workspace.objects.exclude(status=Workspace.Status.TEMPLATE)
        .extra(where=["to_regnamespace(quote_ident(schema_name)) IS NOT NULL"])
        .order_by("pk")
        .values_list("schema_name", flat=True)
    )
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]


def _counts(schema_names: list[str]) -> list[tuple[str, int]]:
    one = sql.SQL("SELECT {name}, count(*) FROM {table}")
    query = sql.SQL(" UNION ALL ").join(
        one.format(name=sql.Literal(name), table=sql.Identifier(name, "django_migrations"))
        for name in schema_names
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _migrate(schema_name: str, outcome: Outcome) -> None:
    try:
        call_command("migrate_schemas", schema_name=schema_name, interactive=False, verbosity=0)
    except (DatabaseError, CommandError) as error:
        log.exception("migration_failed schema=%s", schema_name)
        outcome.failed[schema_name] = str(error).splitlines()[0] if str(error) else repr(error)
        connection.close()
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    else:
        outcome.migrated.append(schema_name)
