"""What higher floors register here: what a new workspace starts with, and pages of its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from core.registry import Registry
from tenants.models import Workspace


@dataclass(frozen=True)
class WorkspaceDefault:
    """Rows every new workspace starts with; `create` runs inside it, in its transaction."""

    key: str
    create: Callable[[Workspace, datetime], None]


@dataclass(frozen=True)
class SettingsTab:
    """A page of the settings, in the row of tabs above them; its view is for admins."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    order: int = 100


settings_tabs: Registry[SettingsTab] = Registry("settings tabs")
workspace_defaults: Registry[WorkspaceDefault] = Registry("workspace defaults")
# What the demo workspace of a local machine shows, made after its defaults.
demo_parts: Registry[WorkspaceDefault] = Registry("demo parts")
