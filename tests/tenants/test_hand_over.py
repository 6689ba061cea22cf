"""The hand-over: one ticket, one use, one minute, one workspace, one path on the same host."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.hand_over import issue_hand_over, redeem_hand_over, safe_path
from tenants.models import HandOver, Membership, User


def ticket(workspace, user, now, path="/contacts/"):
    return issue_hand_over(user=user, workspace=workspace, path=path, session_key="s" * 32, now=now)


def test_a_ticket_is_good_once(public, acme, owner, now):
    token = ticket(acme, owner, now)

    first = redeem_hand_over(token=token, workspace=acme, now=now)
    second = redeem_hand_over(token=token, workspace=acme, now=now)

    assert (first.user, first.path, second) == (owner, "/contacts/", None)
    assert token not in HandOver.objects.values_list("token_hash", flat=True)


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False)])
def test_a_ticket_is_good_for_a_minute(public, acme, owner, now, seconds, good):
    token = ticket(acme, owner, now)
    later = now + timedelta(seconds=seconds)
    assert (redeem_hand_over(token=token, workspace=acme, now=later) is not None) is good


def test_a_ticket_opens_no_other_workspace_and_stays_good(public, acme, globex, owner, now):
    token = ticket(acme, owner, now)
    assert redeem_hand_over(token=token, workspace=globex, now=now) is None
    assert HandOver.objects.get().used_at is None
    assert redeem_hand_over(token=token, workspace=acme, now=now) is not None


def test_a_closed_account_gets_in_nowhere(public, acme, owner, now):
    token = ticket(acme, owner, now)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert redeem_hand_over(token=token, workspace=acme, now=now) is None


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/contacts/?q=a%20b", True),
        ("/", True),
        ("", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\\b", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
        ("/a\r\nSet-Cookie: x=y", False),
        ("/\tevil", False),
        ("/caffè", False),
        ("/" + "x" * 500, False),
    ],
)
def test_the_way_on_stays_on_the_host(path, kept):
    assert safe_path(path) == (path if kept else "/")


def test_strangers_and_other_members_find_no_workspace(public, acme, globex):
    # given Globex's owner, signed in on the public site
    public.force_login(globex.memberships.get().user)

    # then Acme looks like a workspace that does not exist, and no ticket is made
    assert public.get("/workspaces/acme/enter/").status_code == 404
    assert public.get("/workspaces/nowhere/enter/").status_code == 404
    assert not HandOver.objects.exists()
    # and somebody who is not signed in is asked to, whichever it is
    for slug in ("acme", "nowhere"):
        answer = Client(headers={"host": "localhost"}).get(f"/workspaces/{slug}/enter/")
        assert answer["Location"] == f"/sign-in/?next=/workspaces/{slug}/enter/"


def test_who_is_not_signed_in_is_led_back_to_the_page_they_wanted(acme, client_of):
    browser = client_of(acme)
    answer = browser.get("/settings/people/?page=2")
    assert answer["Location"] == (
        "http://localhost:8000/workspaces/acme/enter/?next=%2Fsettings%2Fpeople%2F%3Fpage%3D2"
    )
    # a form that was sent meanwhile gets a page that says so, since nothing was saved
    answer = browser.post("/settings/", {"name": "Other"})
    assert answer.status_code == 401
    assert "What you sent was not saved" in answer.content.decode()
    # and htmx takes the whole page away
    answer = browser.get(
        "/settings/",
        headers={"hx-request": "true", "hx-current-url": "http://acme.localhost/settings/"},
    )
    assert answer["HX-Redirect"].endswith("/workspaces/acme/enter/?next=%2Fsettings%2F")


def test_the_chooser_lists_mine_only(public, acme, globex, owner):
    Membership.objects.create(user=owner, workspace=globex, role="viewer")
    public.force_login(owner)
    assert [each.slug for each in public.get("/workspaces/").context["workspaces"]] == [
        "acme",
        "globex",
    ]


def test_signing_out_of_a_workspace_signs_out_of_all(public, acme, globex, owner):
    # given Acme's owner, a member of Globex too, who entered both from the public site
    Membership.objects.create(user=owner, workspace=globex, role="viewer")
    public.force_login(owner)
    browsers = {}
    for workspace in (acme, globex):
        page = public.get(f"/workspaces/{workspace.slug}/enter/")
        path = page.context["url"].partition(":8000")[2]
        browsers[workspace.slug] = Client(headers={"host": f"{workspace.slug}.localhost"})
        assert browsers[workspace.slug].get(path).status_code == 302
    with tenant_context(globex):
        assert Session.objects.count() == 1

    # when they sign out of Acme
    assert browsers["acme"].post("/sign-out/").status_code == 200

    # then Globex and the public site ask them to sign in again
    assert "localhost:8000/workspaces/globex/enter/" in browsers["globex"].get("/")["Location"]
    assert public.get("/workspaces/")["Location"].startswith("/sign-in/")
    with tenant_context(globex):
        assert Session.objects.count() == 0


def test_signing_out_of_the_public_site_signs_out_of_the_workspaces(public, acme, owner):
    public.force_login(owner)
    path = public.get("/workspaces/acme/enter/").context["url"].partition(":8000")[2]
    browser = Client(headers={"host": "acme.localhost"})
    browser.get(path)

    public.post("/sign-out/")

    assert "localhost:8000/workspaces/acme/enter/" in browser.get("/")["Location"]


def test_the_session_of_one_workspace_is_nothing_in_another(acme, globex, owner, client_of):
    Membership.objects.create(user=owner, workspace=globex, role="viewer")
    cookie = client_of(acme, owner).cookies["sessionid"].value
    browser = client_of(globex)
    browser.cookies["sessionid"] = cookie
    assert "workspaces/globex/enter/" in browser.get("/")["Location"]
