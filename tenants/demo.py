"""A workspace to look around in, on a newcomer's own machine only."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django_tenants.utils import tenant_context

from tenants.context import enter_public
from tenants.contracts import demo_parts
from tenants.models import User, Workspace
from tenants.provisioning import create_workspace

# Printed at every start and never made unless the installation is local: no secret.
EMAIL = "demo@viaggio.example"
PASSWORD = "a day at the bakery"  # noqa: S105
SLUG = "harbour-crumb"
NAME = "Harbour & Crumb"
ADDRESS = "14 North Street, Bristol BS3 1HT"


def make_demo(*, now: datetime) -> Workspace | None:
    """The demo workspace and its operator; None when they are there already.

    Raises ImproperlyConfigured on an installation that is not local.
    """
    if not settings.LOCAL:
        raise ImproperlyConfigured("The demo has a public password: it is for local machines only.")
    with enter_public(), transaction.atomic():
        if Workspace.objects.filter(slug=SLUG).exists():
            return None
        workspace = create_workspace(name=NAME, slug=SLUG, owner=_operator(), now=now)
        workspace.postal_address = ADDRESS
        workspace.save(update_fields=["postal_address"])
        with tenant_context(workspace):
            for part in demo_parts:
                part.create(workspace, now)
        return workspace


def _operator() -> User:
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = User.objects.create_superuser(EMAIL, PASSWORD, name="Demo Owner")
        EmailAddress.objects.create(user=user, email=EMAIL, primary=True, verified=True)
    return user
