"""What higher floors register here: what a new workspace gets before its owner first sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.registry import Registry
from tenants.models import Workspace


@dataclass(frozen=True)
class WorkspaceDefault:
    """Rows every new workspace starts with; `create` runs inside it, in its transaction."""

    key: str
    create: Callable[[Workspace, datetime], None]


workspace_defaults: Registry[WorkspaceDefault] = Registry("workspace defaults")
# What the demo workspace of a local machine shows, made after its defaults.
demo_parts: Registry[WorkspaceDefault] = Registry("demo parts")
