"""Tasks that know whose they are: bound to a workspace by a header, or public on purpose."""

from functools import partial
from typing import Any

from celery import Task
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from tenants.context import NoWorkspace, current_schema, enter_public, enter_workspace

HEADER = "viaggio_workspace"


class TenantTask(Task):
    """Runs in the workspace that was active when it was sent; without one it raises NoWorkspace."""

    abstract = True
    ignore_result = True
    acks_late = True
    reject_on_worker_lost = True

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        *,
        workspace: str | None = None,
        headers: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Send the task for the named schema, else for the active one; a retry keeps its own."""
        headers = dict(headers or {})
        headers.setdefault(HEADER, workspace or current_schema(self.name))
        return super().apply_async(args, kwargs, headers=headers, **options)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Send after the transaction commits, for the workspace that is active now."""
        send = partial(self.apply_async, args, kwargs, workspace=current_schema(self.name))
        transaction.on_commit(send)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        schema = self._schema()
        close_old_connections_outside_transactions()
        with enter_workspace(schema) as workspace:
            if workspace.held_until and workspace.held_until > timezone.now():
                return None  # its rows stay due, and are found when the hold is over
            return super().__call__(*args, **kwargs)

    def _schema(self) -> str:
        if self.request.called_directly:
            return current_schema(self.name)
        name = getattr(self.request, HEADER, None) or (self.request.headers or {}).get(HEADER)
        if not name:
            raise NoWorkspace(f"The task {self.name}")
        return str(name)


class PublicTask(Task):
    """Runs on the shared tables only."""

    abstract = True
    ignore_result = True
    acks_late = True
    reject_on_worker_lost = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        close_old_connections_outside_transactions()
        with enter_public():
            return super().__call__(*args, **kwargs)


def close_old_connections_outside_transactions() -> None:
    """Drop connections past their age or broken, as a request does at its start.

    Each connection keeps about 1.6 MB for every workspace it has touched, so none may live long.
    """
    if not connection.in_atomic_block:
        close_old_connections()
