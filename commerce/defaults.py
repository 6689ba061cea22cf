"""Every workspace starts with one currency, its main one."""

from datetime import datetime

from commerce.models import Currency
from tenants.contracts import WorkspaceDefault, workspace_defaults
from tenants.models import Workspace

FIRST_CURRENCY = "EUR"


def create_main_currency(workspace: Workspace, now: datetime) -> None:
    """The euro, until the owner chooses another one."""
    Currency.objects.get_or_create(code=FIRST_CURRENCY, defaults={"rate": 1, "is_main": True})


workspace_defaults.register(WorkspaceDefault("main_currency", create_main_currency))
