"""Schemas: the template that migrations keep current, and copies of it made in one statement."""

from functools import lru_cache

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from tenants.models import Workspace

# The statements that rebuild each kind of thing in the template schema, in order.
# Check constraints, defaults and identities come with LIKE; names of indexes and of the other
# constraints would not, and later migrations address them by name.
TABLES = """
    SELECT format('CREATE TABLE %%1$I.%%2$I (LIKE %%1$I.%%2$I INCLUDING DEFAULTS'
                  ' INCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING GENERATED'
                  ' INCLUDING STORAGE)', nspname, relname)
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = %(template)s AND relkind = 'r' ORDER BY relname"""
CONSTRAINTS = """
    SELECT format('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s',
                  nspname, relname, conname, pg_get_constraintdef(pg_constraint.oid))
      FROM pg_constraint
      JOIN pg_class ON pg_class.oid = conrelid
      JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = %(template)s AND contype = ANY(%(kinds)s) ORDER BY relname, conname"""
INDEXES = """
    SELECT pg_get_indexdef(indexrelid)
      FROM pg_index
      JOIN pg_class ON pg_class.oid = indrelid
      JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = %(template)s
       AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
     ORDER BY indexrelid"""
TRIGGERS = """
    SELECT pg_get_triggerdef(pg_trigger.oid)
      FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = %(template)s AND NOT tgisinternal ORDER BY tgname"""


def ensure_template() -> Workspace:
    """The template schema's row, its schema made and migrated to the newest state."""
    template, _created = Workspace.objects.get_or_create(
        schema_name=settings.TEMPLATE_SCHEMA,
        defaults={
            "name": "Template",
            "slug": "template",
            "status": Workspace.Status.TEMPLATE,
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(
                sql.Identifier(settings.TEMPLATE_SCHEMA)
            )
        )
    call_command(
        "migrate_schemas", schema_name=settings.TEMPLATE_SCHEMA, verbosity=0, interactive=False
    )
    template_statements.cache_clear()
    return template


def migrations_state(schema_name: str) -> str:
    """A short text that differs whenever the schema's applied migrations differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT count(*) || ':' || coalesce(max(id), 0) FROM {}.django_migrations"
            ).format(sql.Identifier(schema_name))
        )
        return str(cursor.fetchone()[0])


@lru_cache(maxsize=2)
def template_statements(state: str) -> tuple[str, ...]:
    """The statements that build the template schema, read once per migration state."""
    template = settings.TEMPLATE_SCHEMA
    with transaction.atomic(), connection.cursor() as cursor:
        # Names inside this search path come out unqualified, so they fit any schema.
        cursor.execute("SELECT set_config('search_path', %s || ', public', true)", [template])
        found: list[str] = []
        for query, kinds in (
            (TABLES, []),
            (CONSTRAINTS, ["p", "u", "x"]),
            (INDEXES, []),
            (CONSTRAINTS, ["f"]),
            (TRIGGERS, []),
        ):
            cursor.execute(query, {"template": template, "kinds": kinds})
            found += [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = %s AND relkind = 'r'",
            [template],
        )
        found += _copied_rows(cursor, template, [row[0] for row in cursor.fetchall()])
    return tuple(found)


def _copied_rows(cursor: object, template: str, tables: list[str]) -> list[str]:
    """Statements for the rows that migrations left behind, their own record above all."""
    statements = []
    for table in tables:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {template}.{table})")  # type: ignore[attr-defined]
        if cursor.fetchone()[0]:  # type: ignore[attr-defined]
            statements.append(
                f"INSERT INTO <new>.{table} OVERRIDING SYSTEM VALUE"
                f" SELECT * FROM {template}.{table}"
            )
    if "django_migrations" in tables:
        statements.append(
            "SELECT setval(pg_get_serial_sequence('<new>.django_migrations', 'id'),"
            f" (SELECT max(id) FROM {template}.django_migrations))"
        )
    return statements


def clone_template(schema_name: str) -> None:
    """Make a schema like the template, in the caller's transaction and one round trip."""
    template = settings.TEMPLATE_SCHEMA
    new = f'"{schema_name}"'
    state = migrations_state(template)
    script = [f"CREATE SCHEMA {new}"]
    for statement in template_statements(state):
        if statement.startswith("CREATE TABLE"):
            # Only the first mention is the new table; LIKE still names the template's.
            script.append(statement.replace(f"{template}.", f"{new}.", 1))
        elif "<new>" in statement:
            script.append(statement.replace("<new>", new))
        else:
            script.append(statement.replace(f"{template}.", f"{new}."))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL search_path = {new}, public; " + ";\n".join(script))
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])
