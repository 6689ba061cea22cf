"""Which workspace this code runs for; none is an error, never "public"."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from core.errors import Permanent
from tenants.models import Workspace


class NoWorkspace(Permanent):
    """Workspace data was asked for outside any workspace."""

    def __init__(self, what: str) -> None:
        super().__init__("no_workspace", f"{what} needs a workspace and none is set.")


def schema_name() -> str:
    """The schema that is set now, "public" included."""
    return str(connection.schema_name)  # type: ignore[attr-defined]


def current_schema(what: str = "This") -> str:
    """The active workspace's schema name; raises NoWorkspace in public."""
    name = schema_name()
    if not name or name == get_public_schema_name():
        raise NoWorkspace(what)
    return name


def current_workspace(what: str = "This") -> Workspace:
    """The active workspace; raises NoWorkspace in public."""
    schema = current_schema(what)
    tenant = connection.tenant  # type: ignore[attr-defined]
    if isinstance(tenant, Workspace):
        return tenant
    return Workspace.objects.get(schema_name=schema)


@contextmanager
def enter_workspace(schema_name: str) -> Iterator[Workspace]:
    """Run a block in one active workspace; raises Permanent when it or its schema is gone.

    The schema is looked up, because PostgreSQL silently falls through a missing schema in the
    search path to the public one.
    """
    workspace = (
        Workspace.objects.active()
        .filter(schema_name=schema_name)
        .extra(select={"has_schema": "to_regnamespace(quote_ident(schema_name)) IS NOT NULL"})
        .first()
    )
    if workspace is None or not workspace.has_schema:
        raise Permanent("workspace_gone", _("This workspace does not exist any more."))
    with tenant_context(workspace):
        yield workspace


@contextmanager
def search_path_kept() -> Iterator[None]:
    """Within, the search path is set when it may have changed instead of for every cursor.

    For thousands of small statements in one transaction, where it is half of them. Rollbacks and
    changes of the workspace set it again; nothing within may set it by hand.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    set_path = wrapper._handle_search_path  # type: ignore[attr-defined]

    def set_if_unknown(cursor: Any = None) -> None:
        if not wrapper.search_path_set_schemas:  # type: ignore[attr-defined]
            set_path(cursor)

    wrapper._handle_search_path = set_if_unknown  # type: ignore[attr-defined]
    try:
        yield
    finally:
        wrapper.__dict__.pop("_handle_search_path", None)


@contextmanager
def enter_public() -> Iterator[None]:
    """Run a block with only the shared tables in reach."""
    with schema_context(get_public_schema_name()):
        yield
