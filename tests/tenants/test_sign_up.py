"""Sign-up: account, workspace and mail at once or not at all, and no word about who has one."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from tenants import provisioning
from tenants.models import AuditEntry, Domain, Membership, SystemMail, User, Workspace

FORM = {
    "name": "Ada Rossi",
    "business": "Ada's Bakery",
    "slug": "adas-bakery",
    "email": "Ada@Bakery.example",
    "password": "seven loaves a day",
    "timezone": "Europe/Lisbon",
}


def counts() -> dict[str, int]:
    models = (User, EmailAddress, Workspace, Domain, Membership, SystemMail)
    return {model.__name__: model.objects.count() for model in models}


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'w\\_%'")
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def posted_mail(settings):
    """Mail as rows, as in production."""
    settings.EMAIL_BACKEND = "tenants.system_mail.RowBackend"
    return SystemMail.objects.order_by("pk")


def link_in(mail: SystemMail) -> str:
    found = re.search(r"http://localhost:8000(/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def follow_refresh(page) -> str:
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1].replace("&amp;", "&")


def test_from_the_form_to_the_first_page(public, posted_mail):
    # when somebody signs up
    answer = public.post("/sign-up/", FORM)

    # then they are told to check their mail, and all is there
    assert (answer.status_code, answer["Location"]) == (302, "/check-your-mail/")
    user = User.objects.get(email="ada@bakery.example")
    workspace = Workspace.objects.get(slug="adas-bakery")
    assert (user.name, workspace.name) == ("Ada Rossi", "Ada's Bakery")
    assert (workspace.timezone, workspace.language) == ("Europe/Lisbon", "en")
    assert workspace.schema_name in schemas()
    assert Membership.objects.get(user=user, workspace=workspace).role == "owner"
    sent = posted_mail.get(to_address="ada@bakery.example")
    assert (sent.subject, sent.status) == ("Confirm your email for Viaggio", "queued")

    # when they open the link, nothing is confirmed yet
    link = link_in(sent)
    assert public.get(link).status_code == 200
    assert EmailAddress.objects.get(user=user).verified is False

    # when they press the button, they are signed in and handed over to their workspace
    answer = public.post(link)
    assert (answer.status_code, answer["Location"]) == (302, "/workspaces/")
    answer = public.get("/workspaces/")
    assert answer["Location"] == "/workspaces/adas-bakery/enter/"
    url = follow_refresh(public.get(answer["Location"]))
    assert url.startswith("http://adas-bakery.localhost:8000/enter?token=")

    # then the ticket opens the workspace once
    browser = Client(headers={"host": "adas-bakery.localhost"})
    path = url.removeprefix("http://adas-bakery.localhost:8000")
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/settings/").status_code == 200
    assert Client(headers={"host": "adas-bakery.localhost"}).get(path).status_code == 403


def test_a_known_address_gets_the_same_answer_and_no_workspace(public, posted_mail):
    # given Acme's owner, and a stranger's sign-up to compare with
    before = counts()
    known = public.post("/sign-up/", FORM | {"email": "Owner@Acme.example"})
    after_known = counts()
    unknown = Client(headers={"host": "localhost"}).post("/sign-up/", FORM)

    # then the answers are alike
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert set(known.cookies) == set(unknown.cookies)
    assert known.content == unknown.content
    # and the known one changed nothing but that its owner got a mail
    assert after_known == before | {"SystemMail": before["SystemMail"] + 1}
    sent = posted_mail.get(to_address="owner@acme.example")
    assert sent.subject == "You already have a Viaggio account"
    assert User.objects.get(email="owner@acme.example").check_password("correct horse battery")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "acme"}, "slug"),
        ({"slug": "admin"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "../x"}, "slug"),
        ({"slug": "ab"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@localhost"}, "email"),
        ({"email": "a\u200b@b.example"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password"}, "password"),
        ({"name": "x" * 121}, "name"),
        ({"business": ""}, "business"),
        ({"business": "a\x00b"}, "business"),
    ],
)
def test_a_bad_form_comes_back_with_a_reason_and_leaves_nothing(public, posted_mail, change, field):
    before, schemas_before = counts(), schemas()

    answer = public.post("/sign-up/", FORM | change)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert (counts(), schemas()) == (before, schemas_before)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 64])
def test_a_zone_that_is_none_is_left_aside(public, posted_mail, zone):
    public.post("/sign-up/", FORM | {"timezone": zone})
    assert Workspace.objects.get(slug="adas-bakery").timezone == "Europe/Rome"


def test_a_crash_after_the_schema_was_made_leaves_nothing(public, posted_mail):
    before, schemas_before = counts(), schemas()

    # given that writing the audit entry, the last step, fails
    with (
        patch.object(provisioning, "record_audit", side_effect=RuntimeError("power cut")),
        pytest.raises(RuntimeError),
    ):
        public.post("/sign-up/", FORM)

    # then there is no user, no workspace, no schema, no mail
    assert (counts(), schemas()) == (before, schemas_before)


def test_a_crash_while_the_mail_is_written_leaves_nothing(public, posted_mail):
    before, schemas_before = counts(), schemas()

    with (
        patch("tenants.system_mail.check_message", side_effect=RuntimeError("power cut")),
        pytest.raises(RuntimeError),
    ):
        public.post("/sign-up/", FORM)

    assert (counts(), schemas()) == (before, schemas_before)


def test_an_address_of_the_mail_names_our_host_not_the_callers(public, posted_mail):
    public.post("/sign-up/", FORM, headers={"host": "localhost:9999"})
    assert "http://localhost:8000/confirm-email/" in posted_mail.get().text
    assert "9999" not in posted_mail.get().text


def test_strangers_cannot_fill_somebodys_inbox(public, posted_mail, settings):
    # when one address is typed in 30 times, from 30 places
    settings.TRUSTED_PROXIES = 1
    statuses = {
        public.post(
            "/sign-up/",
            FORM | {"email": "owner@acme.example"},
            headers={"x-forwarded-for": f"203.0.113.{place}"},
        ).status_code
        for place in range(30)
    }
    # then its owner got three mails, and the rest was refused or said the same words
    assert posted_mail.filter(to_address="owner@acme.example").count() == 3
    assert statuses == {302, 429}


def test_the_live_check_suggests_and_judges(public):
    def ask(trigger: str, **query: str) -> str:
        headers = {"hx-request": "true", "hx-trigger-name": trigger}
        return public.get("/sign-up/address/", query, headers=headers).content.decode()

    assert 'value="pasticceria-nonna-mimi"' in ask("business", business="Pasticceria Nonna Mimì")
    assert 'value="acme-2"' in ask("business", business="ACME!")
    assert 'value="mine"' in ask("business", business="ACME!", slug="mine")
    assert "is free" in ask("slug", slug="corner-bakery")
    assert "is taken" in ask("slug", slug="acme")
    assert "reserved" in ask("slug", slug="admin")
    assert ask("slug", slug="").strip() == ""


def test_of_two_sign_ups_for_one_slug_one_gets_it(public, posted_mail):
    # given two people who press the button at the same moment, outside this test's transaction
    begin = Barrier(2)

    def press(person: str) -> int:
        try:
            begin.wait(timeout=10)
            return (
                Client(headers={"host": "localhost"})
                .post("/sign-up/", FORM | {"slug": "the-race", "email": f"{person}@race.example"})
                .status_code
            )
        finally:
            connection.close()

    def clear_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS w_the_race CASCADE")
        SystemMail.objects.filter(to_address__endswith="@race.example").delete()
        AuditEntry.objects.filter(actor__email__endswith="@race.example").delete()
        Workspace.objects.filter(slug="the-race").delete()
        User.objects.filter(email__endswith="@race.example").delete()
        connection.close()

    try:
        with ThreadPoolExecutor(2) as pool:
            statuses = sorted(pool.map(press, ["one", "two"]))

        # then one is sent to their mail, the other reads that the address is taken
        assert statuses == [302, 422]
        assert Workspace.objects.filter(slug="the-race").count() == 1
        assert User.objects.filter(email__endswith="@race.example").count() == 1
        assert SystemMail.objects.filter(to_address__endswith="@race.example").count() == 1
    finally:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(clear_up).result()
