"""Workspaces come to be: slug, schema, domain, owner and defaults, all or nothing."""

import re
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.errors import Invalid, Problem
from tenants.audit import record_audit
from tenants.contracts import workspace_defaults
from tenants.models import Domain, Membership, User, Workspace
from tenants.schema import clone_template

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
# Names that would mislead people or clash with hosts of the installation itself.
RESERVED_SLUGS = frozenset(
    """
    abuse account accounts admin administrator api app apps assets auth billing blog cdn dev
    docs email ftp hello help host hostmaster imap inbox info localhost login mail marketing
    mx news no-reply noreply ns ns1 ns2 operator pop postmaster public root sales security
    send server signup smtp ssl staging static status support system template test viaggio
    webmail www
    """.split()  # noqa: SIM905
)


def slug_problem(slug: str) -> Problem | None:
    """What is wrong with a workspace address; None when it is free and well-formed."""
    if not SLUG.fullmatch(slug) or "--" in slug:
        return Problem(
            "slug_invalid",
            _("Use 3 to 40 small letters, digits and single hyphens, such as “corner-bakery”."),
            field="slug",
        )
    if slug in RESERVED_SLUGS:
        return Problem("slug_reserved", _("This address is reserved. Choose another."), "slug")
    if Workspace.objects.filter(slug=slug).exists():
        return Problem("slug_taken", _("This address is taken. Choose another."), field="slug")
    return None


def schema_name_for(slug: str) -> str:
    """The schema of a workspace address; one to one, since slugs have no underscores."""
    return "w_" + slug.replace("-", "_")


def create_workspace(
    *,
    name: str,
    slug: str,
    owner: User,
    now: datetime,
    language: str = "en",
    timezone: str = "Europe/Rome",
) -> Workspace:
    """A ready workspace with its schema, domain, owner and defaults, in one transaction.

    Raises Invalid with the slug's problem; a crash midway leaves nothing behind.
    """
    if problem := slug_problem(slug):
        raise Invalid(problem.code, problem.message, [problem])
    try:
        with transaction.atomic():
            return _create(name, slug, owner, now, language, timezone)
    except IntegrityError as error:
        if "slug" not in str(error) and "domain" not in str(error) and "schema" not in str(error):
            raise
        problem = Problem("slug_taken", _("This address is taken. Choose another."), "slug")
        raise Invalid(problem.code, problem.message, [problem]) from error


def _create(
    name: str, slug: str, owner: User, now: datetime, language: str, timezone: str
) -> Workspace:
    workspace = Workspace.objects.create(
        name=name,
        slug=slug,
        schema_name=schema_name_for(slug),
        language=language,
        timezone=timezone,
        sender_name=name,
        created_at=now,
    )
    Domain.objects.create(
        domain=f"{slug}.{settings.BASE_DOMAIN}", tenant=workspace, is_primary=True
    )
    Membership.objects.create(user=owner, workspace=workspace, role=Membership.Role.OWNER)
    clone_template(workspace.schema_name)
    with tenant_context(workspace):
        for default in workspace_defaults:
            default.create(workspace, now)
    record_audit(workspace=workspace, actor=owner, action="workspace.created", now=now)
    return workspace
