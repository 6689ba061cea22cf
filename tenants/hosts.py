"""Addresses across hosts: the public site and each workspace's own."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from tenants.models import Workspace


def _origin(host: str) -> str:
    default = {"http": 80, "https": 443}[settings.SCHEME]
    port = "" if default == settings.PORT or not settings.LOCAL else f":{settings.PORT}"
    return f"{settings.SCHEME}://{host}{port}"


def public_origin() -> str:
    """`scheme://host:port` of the public site."""
    return _origin(settings.BASE_DOMAIN)


def workspace_origin(workspace: Workspace) -> str:
    """`scheme://host:port` of a workspace's own site."""
    domain = workspace.get_primary_domain()
    return _origin(domain.domain if domain else f"{workspace.slug}.{settings.BASE_DOMAIN}")


def public_url(name: str, *args: object, **query: str) -> str:
    """The absolute address of a page of the public site."""
    path = reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)
    return public_origin() + path + (f"?{urlencode(query)}" if query else "")


def workspace_url(workspace: Workspace, name: str, *args: object, **query: str) -> str:
    """The absolute address of a page of a workspace."""
    path = reverse(name, urlconf=settings.ROOT_URLCONF, args=args)
    return workspace_origin(workspace) + path + (f"?{urlencode(query)}" if query else "")
