"""API keys: shown once, kept as a hash, good in their own workspace only, with named rights."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.errors import Invalid
from tenants.api_keys import (
    ApiKeyAuthentication,
    HasScope,
    InvalidKey,
    MissingKey,
    MissingScope,
    create_api_key,
    find_key,
    revoke_api_key,
)
from tenants.models import ApiKey, AuditEntry


def make(workspace, now, scopes=("contacts:read",)):
    return create_api_key(workspace=workspace, name="Shop", scopes=list(scopes), by=None, now=now)


def request(method="GET", token=None):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    made = Request(getattr(APIRequestFactory(), method.lower())("/api/x", headers=headers))
    made.authenticators = [ApiKeyAuthentication()]
    return made


def test_a_key_is_found_by_its_token_and_kept_as_a_hash(acme, now):
    # given a key of Acme
    key, token = make(acme, now)

    # then its token finds it, and stands nowhere in its row
    assert find_key(token=token, now=now) == key
    assert token.startswith("vg_")
    assert token not in [str(value) for value in ApiKey.objects.values_list().get(pk=key.pk)]
    assert token[:10] == key.prefix
    assert AuditEntry.objects.get(action="api_key.created").target == f"Shop ({key.prefix}…)"


def test_a_key_of_acme_is_nothing_in_globex(acme, globex, now):
    _key, token = make(acme, now)
    connection.set_tenant(globex)

    with pytest.raises(InvalidKey) as refusal:
        _ = request(token=token).auth

    assert (refusal.value.status_code, refusal.value.get_codes()) == (401, "invalid_key")
    assert ApiKey.objects.get().last_used_at is None


@pytest.mark.parametrize("token", ["vg_", "vg_unknown", "Bearer", "sk_123", "vg_\xff"])
def test_nonsense_is_refused_like_an_unknown_key(acme, now, token):
    with pytest.raises(InvalidKey):
        _ = request(token=token).auth


def test_a_revoked_key_is_refused_and_revoking_twice_is_noted_once(acme, now):
    key, token = make(acme, now)

    assert revoke_api_key(key=key, by=None, now=now) is True
    assert revoke_api_key(key=key, by=None, now=now + timedelta(days=1)) is False

    with pytest.raises(InvalidKey):
        _ = request(token=token).auth
    key.refresh_from_db()
    assert key.revoked_at == now
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


def test_use_is_noted_at_most_once_a_minute(acme, now):
    key, token = make(acme, now)
    noted = []
    for seconds in (0, 59, 61):
        find_key(token=token, now=now + timedelta(seconds=seconds))
        key.refresh_from_db()
        noted.append((key.last_used_at - now).total_seconds())
    assert noted == [0, 0, 61]


def test_a_key_does_what_its_scopes_say(acme, now):
    # given a key that may read contacts, and a view that reads and writes them
    key, token = make(acme, now)
    view = SimpleNamespace(
        scopes={"GET": "contacts:read", "POST": "contacts:write"}, delete=lambda request: None
    )
    permission = HasScope()

    # then reading passes, writing and unnamed methods do not, and no key is no entry
    read = request(token=token)
    assert permission.has_permission(read, view) is True
    assert (read.auth, read.user) == (key, None)
    assert permission.has_permission(request("HEAD", token), view) is True
    with pytest.raises(MissingScope) as refusal:
        permission.has_permission(request("POST", token), view)
    assert "contacts:write" in str(refusal.value.detail)
    assert permission.has_permission(request("DELETE", token), view) is False
    assert permission.has_permission(request("PATCH", token), view) is True
    with pytest.raises(MissingKey):
        permission.has_permission(request(), view)


@pytest.mark.parametrize(
    ("name", "scopes", "fields"),
    [
        ("", ["contacts:read"], ["name"]),
        ("x" * 81, ["contacts:read"], ["name"]),
        ("Shop", [], ["scopes"]),
        ("Shop", ["everything"], ["scopes"]),
        (" ", ["contacts:read", "x"], ["name", "scopes"]),
    ],
)
def test_a_bad_key_is_refused_and_leaves_nothing(acme, now, name, scopes, fields):
    with pytest.raises(Invalid) as refusal:
        create_api_key(workspace=acme, name=name, scopes=scopes, by=None, now=now)
    assert [problem.field for problem in refusal.value.problems] == fields
    assert not ApiKey.objects.exists()
    assert not AuditEntry.objects.filter(action="api_key.created").exists()
