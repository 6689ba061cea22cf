"""Authentication of the API: keys that belong to one workspace and carry scopes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import Invalid, Problem
from core.secrets import new_token, token_hash
from tenants.audit import record_audit
from tenants.context import schema_name
from tenants.models import ApiKey, User, Workspace
from tenants.scopes import SCOPES

PREFIX = "vg_"
# How much of a key is kept readable, so that its owner can tell keys apart.
SHOWN = 10
# last_used_at is written at most this often, so that reading the API does not write all the time.
USE_NOTED_EVERY = timedelta(minutes=1)


class InvalidKey(APIException):
    """The key is missing its shape, unknown, revoked or another workspace's: all look the same."""

    status_code = 401
    default_code = "invalid_key"

    def __init__(self) -> None:
        super().__init__(_("This API key is not valid here. Create one under Settings, API keys."))


class MissingKey(APIException):
    """The request carries no key."""

    status_code = 401
    default_code = "missing_key"

    def __init__(self) -> None:
        super().__init__(_("Send your API key as “Authorization: Bearer vg_…”."))


class MissingScope(APIException):
    """The key is good but was not given this right."""

    status_code = 403
    default_code = "missing_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This API key needs the scope “%(scope)s”.") % {"scope": scope})


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the ApiKey of `Authorization: Bearer vg_…`; `request.user` is None."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """(None, key); None without an Authorization header; raises InvalidKey otherwise."""
        header = get_authorization_header(request).split()
        if not header:
            return None
        if len(header) != 2 or header[0].lower() != b"bearer":
            raise InvalidKey
        key = find_key(token=header[1].decode("latin-1"), now=timezone.now())
        if key is None:
            raise InvalidKey
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate header, without which DRF answers 403 instead of 401."""
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """Lets a request through when its key has the scope the view names for its method.

    A view says `scopes = {"GET": "contacts:read", "POST": "contacts:write"}`; HEAD and OPTIONS
    count as GET. A method the view has but names no scope for is refused, so that a forgotten line
    closes a door; one it does not have goes on to its 405.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises MissingKey or MissingScope."""
        if not isinstance(request.auth, ApiKey):
            raise MissingKey
        scope = required_scope(view, str(request.method))
        if scope is None:
            return not hasattr(view, str(request.method).lower())
        if scope not in request.auth.scopes:
            raise MissingScope(scope)
        return True


def required_scope(view: Any, method: str) -> str | None:
    """The scope a view asks for; None when it names none for the method."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get("GET" if method in {"HEAD", "OPTIONS"} else method)


def find_key(*, token: str, now: datetime) -> ApiKey | None:
    """The live key of the current workspace behind a token, its use noted; None for all others."""
    if not token.startswith(PREFIX):
        return None
    key = ApiKey.objects.filter(
        key_hash=token_hash(token),
        revoked_at=None,
        workspace__schema_name=schema_name(),
    ).first()
    if key is not None and (not key.last_used_at or key.last_used_at < now - USE_NOTED_EVERY):
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def create_api_key(
    *, workspace: Workspace, name: str, scopes: list[str], by: User | None, now: datetime
) -> tuple[ApiKey, str]:
    """A new key and its token, which is kept nowhere; raises Invalid for a bad name or scope."""
    if problems := key_problems(name, scopes):
        raise Invalid("key_invalid", _("This key cannot be created."), problems)
    token = new_token(PREFIX)
    with transaction.atomic():
        key = ApiKey.objects.create(
            workspace=workspace,
            name=name.strip(),
            prefix=token[:SHOWN],
            key_hash=token_hash(token),
            scopes=sorted(set(scopes)),
            created_by=by,
            created_at=now,
        )
        record_audit(
            action="api_key.created",
            now=now,
            workspace=workspace,
            actor=by,
            target=str(key),
            detail={"scopes": key.scopes},
        )
    return key, token


def key_problems(name: str, scopes: list[str]) -> list[Problem]:
    """What is wrong with a key's name or scopes; empty when nothing is."""
    problems = []
    if not 1 <= len(name.strip()) <= 80:
        problems.append(
            Problem("name_invalid", _("Give the key a name of 1 to 80 letters."), "name")
        )
    if not scopes or set(scopes) - SCOPES.keys():
        problems.append(Problem("scopes_invalid", _("Choose at least one scope."), "scopes"))
    return problems


def revoke_api_key(*, key: ApiKey, by: User | None, now: datetime) -> bool:
    """Make a key useless at once and for good; False when it already was."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        if revoked:
            record_audit(
                action="api_key.revoked",
                now=now,
                workspace=key.workspace,
                actor=by,
                target=str(key),
            )
    return bool(revoked)
