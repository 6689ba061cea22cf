"""Settings of a workspace: for admins and owners, audited, and blind to other workspaces."""

from datetime import time

import pytest
from django.db import connection

from tenants.models import (
    ApiKey,
    AuditEntry,
    Membership,
    User,
    Workspace,
)

BUSINESS = {
    "name": "Acme Bakery",
    "postal_address": "Via Roma 1,\r\n 10100 Torino",
    "language": "it",
    "timezone": "Europe/Lisbon",
    "brand_colour": "#AA3366",
    "sender_name": "Acme",
    "sender_email": "hello@acme.example",
    "cap_messages": "3",
    "cap_days": "10",
}
PAGES = ["/settings/", "/settings/people/", "/settings/api-keys/", "/settings/audit-log/"]


def join(workspace, role, email="colleague@acme.example"):
    user = User.objects.create_user(email, "correct horse battery", name="Colleague")
    return Membership.objects.create(user=user, workspace=workspace, role=role)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_admins_and_owners(acme, acme_client, client_of, path):
    assert acme_client.get(path).status_code == 200
    assert client_of(acme, join(acme, "admin").user).get(path).status_code == 200
    for role in ("editor", "viewer"):
        member = join(acme, role, f"{role}@acme.example")
        assert client_of(acme, member.user).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_member_of_globex_finds_nothing_in_acme(acme, globex, client_of, path):
    stranger = client_of(acme, globex.memberships.get().user)
    assert stranger.get(path).status_code == 404


def test_the_business_is_saved_and_audited(acme, acme_client, owner):
    answer = acme_client.post("/settings/", BUSINESS)

    assert (answer.status_code, answer["Location"]) == (302, "/settings/")
    saved = Workspace.objects.get(pk=acme.pk)
    assert saved.postal_address == "Via Roma 1, 10100 Torino"
    assert (saved.timezone, saved.language, saved.cap_messages) == ("Europe/Lisbon", "it", 3)
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert (entry.actor, entry.workspace_id) == (owner, acme.pk)
    assert "timezone" in entry.detail["fields"]


def test_quiet_hours_are_set_and_taken_away(acme, acme_client):
    acme_client.post("/settings/", BUSINESS | {"quiet_from": "21:00", "quiet_until": "08:30"})
    saved = Workspace.objects.get(pk=acme.pk)
    assert (saved.quiet_from, saved.quiet_until) == (time(21), time(8, 30))
    assert 'value="21:00"' in acme_client.get("/settings/").content.decode()
    acme_client.post("/settings/", BUSINESS)
    saved = Workspace.objects.get(pk=acme.pk)
    assert (saved.quiet_from, saved.quiet_until) == (None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"language": "xx"},
        {"brand_colour": "red"},
        {"brand_colour": "#0e6a5a;"},
        {"sender_email": "a@b.example\nBcc: x@y.example"},
        {"sender_email": "nobody"},
        {"cap_messages": "0"},
        {"cap_messages": "1e9"},
        {"cap_days": "-1"},
        {"postal_address": "a\x00b"},
        {"quiet_from": "21:00"},
        {"quiet_from": "25:00"},
    ],
)
def test_a_bad_setting_is_refused_and_nothing_is_saved(acme, acme_client, change):
    before = Workspace.objects.filter(pk=acme.pk).values().get()
    answer = acme_client.post("/settings/", BUSINESS | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(change)
    assert Workspace.objects.filter(pk=acme.pk).values().get() == before


@pytest.mark.parametrize(
    "hours",
    [{"quiet_until": "08:00"}, {"quiet_from": "21:00", "quiet_until": "21:00"}],
)
def test_quiet_hours_that_are_none_are_refused_at_their_beginning(acme, acme_client, hours):
    before = Workspace.objects.filter(pk=acme.pk).values().get()
    answer = acme_client.post("/settings/", BUSINESS | hours)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["quiet_from"]
    assert Workspace.objects.filter(pk=acme.pk).values().get() == before


def test_roles_are_given_by_those_who_have_them(acme, acme_client, client_of):
    admin, editor = join(acme, "admin"), join(acme, "editor", "editor@acme.example")
    by_admin = client_of(acme, admin.user)

    # an admin makes an editor an admin, but no owner
    by_admin.post(f"/settings/people/{editor.pk}/role/", {"role": "admin"})
    editor.refresh_from_db()
    assert editor.role == "admin"
    by_admin.post(f"/settings/people/{editor.pk}/role/", {"role": "owner"})
    editor.refresh_from_db()
    assert editor.role == "admin"
    # an owner does
    acme_client.post(f"/settings/people/{editor.pk}/role/", {"role": "owner"})
    editor.refresh_from_db()
    assert editor.role == "owner"
    # and nonsense changes nothing
    acme_client.post(f"/settings/people/{editor.pk}/role/", {"role": "emperor"})
    editor.refresh_from_db()
    assert editor.role == "owner"
    assert AuditEntry.objects.filter(action="member.role_changed").count() == 2


def test_an_admin_cannot_touch_an_owner_and_the_last_owner_stays(acme, acme_client, client_of):
    owner = acme.memberships.get(role="owner")
    by_admin = client_of(acme, join(acme, "admin").user)
    by_admin.post(f"/settings/people/{owner.pk}/role/", {"role": "viewer"})
    by_admin.post(f"/settings/people/{owner.pk}/remove/")
    acme_client.post(f"/settings/people/{owner.pk}/role/", {"role": "viewer"})
    acme_client.post(f"/settings/people/{owner.pk}/remove/")
    owner.refresh_from_db()
    assert owner.role == "owner"
    assert not AuditEntry.objects.filter(action__startswith="member.").exists()


def test_removing_asks_first_and_closes_the_door_at_once(acme, acme_client, client_of):
    member = join(acme, "editor")
    browser = client_of(acme, member.user)
    assert acme_client.get(f"/settings/people/{member.pk}/remove/").status_code == 200
    assert Membership.objects.filter(pk=member.pk).exists()

    acme_client.post(f"/settings/people/{member.pk}/remove/")

    assert not Membership.objects.filter(pk=member.pk).exists()
    assert browser.get("/settings/").status_code == 404


def test_members_and_keys_of_globex_are_out_of_reach(acme, globex, acme_client, now):
    from tenants.api_keys import create_api_key

    theirs = globex.memberships.get()
    key, _token = create_api_key(
        workspace=globex, name="Globex", scopes=["contacts:read"], by=None, now=now
    )
    for path in (
        f"/settings/people/{theirs.pk}/role/",
        f"/settings/people/{theirs.pk}/remove/",
        f"/settings/api-keys/{key.pk}/revoke/",
    ):
        assert acme_client.post(path, {"role": "viewer"}).status_code == 404
    theirs.refresh_from_db()
    key.refresh_from_db()
    assert (theirs.role, key.revoked_at) == ("owner", None)
    assert "Globex" not in acme_client.get("/settings/api-keys/").content.decode()


def test_a_key_is_shown_once(acme, acme_client):
    answer = acme_client.post(
        "/settings/api-keys/", {"name": "Shop", "scopes": ["contacts:read", "events:write"]}
    )
    token = answer.context["token"]
    assert token.startswith("vg_")
    assert token in answer.content.decode()
    assert token not in acme_client.get("/settings/api-keys/").content.decode()
    key = ApiKey.objects.get()
    assert acme_client.get(f"/settings/api-keys/{key.pk}/revoke/").status_code == 200
    acme_client.post(f"/settings/api-keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_key_without_a_scope_is_refused(acme, acme_client):
    for scopes in ([], ["everything"]):
        answer = acme_client.post("/settings/api-keys/", {"name": "Shop", "scopes": scopes})
        assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_the_audit_log_shows_this_workspace_only(acme, globex, acme_client, now):
    from tenants.audit import record_audit

    record_audit(action="member.removed", now=now, workspace=acme, target="of-acme")
    record_audit(action="member.removed", now=now, workspace=globex, target="of-globex")
    page = acme_client.get("/settings/audit-log/").content.decode()
    assert "of-acme" in page
    assert "of-globex" not in page


def test_the_language_is_kept_on_the_account_and_the_host(acme, acme_client, owner):
    answer = acme_client.post("/language/", {"language": "it", "next": "/settings/people/"})
    assert answer["Location"] == "/settings/people/"
    assert answer.cookies["django_language"].value == "it"
    owner.refresh_from_db()
    assert owner.language == "it"
    answer = acme_client.post("/language/", {"language": "xx", "next": "//evil.example"})
    assert answer["Location"] == "/"
    owner.refresh_from_db()
    assert owner.language == "it"


def test_the_admin_is_on_the_public_host_for_operators_only(acme, acme_client, public, owner):
    # not on a workspace's host
    assert acme_client.get("/admin/").status_code == 404
    connection.set_schema_to_public()
    # not for those who are not signed in, and not for owners
    assert public.get("/admin/")["Location"].startswith("/admin/login/")
    assert public.get("/admin/login/?next=/admin/")["Location"].startswith("/sign-in/")
    public.force_login(owner)
    assert public.get("/admin/", follow=True).status_code == 403
    # but for operators, every list
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    names = [
        "workspace",
        "user",
        "membership",
        "auditentry",
        "agenda",
        "systemmail",
        "caughtmail",
        "apikey",
    ]
    for name in names:
        assert public.get(f"/admin/tenants/{name}/").status_code == 200
    assert public.get(f"/admin/tenants/workspace/{acme.pk}/change/").status_code == 200
    assert public.get(f"/admin/tenants/workspace/{acme.pk}/delete/").status_code == 403
    assert public.get("/admin/tenants/auditentry/add/").status_code == 403


def test_suspending_closes_the_host_and_is_audited(acme, acme_client, public, owner):
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    public.force_login(owner)
    data = {"action": "suspend", "_selected_action": [str(acme.pk)]}

    public.post("/admin/tenants/workspace/", data)

    assert Workspace.objects.get(pk=acme.pk).status == "suspended"
    entry = AuditEntry.objects.get(action="workspace.suspended")
    assert (entry.workspace_id, entry.actor) == (acme.pk, owner)
    assert acme_client.get("/settings/").status_code == 404
    connection.set_schema_to_public()
    public.post("/admin/tenants/workspace/", data | {"action": "activate"})
    assert acme_client.get("/settings/").status_code == 200
