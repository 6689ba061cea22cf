"""Preparing: only what is behind is done, one failing workspace stops no other, twice is once."""

import os
from io import StringIO
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from tenants import demo, migrating, static_files
from tenants.models import User, Workspace


@pytest.fixture
def in_public(acme):
    connection.set_schema_to_public()


def fall_behind(schema_name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {schema_name}.django_migrations"
            f" WHERE id = (SELECT max(id) FROM {schema_name}.django_migrations)"
        )


def test_when_nothing_changed_nothing_is_migrated(in_public, django_assert_max_num_queries):
    with patch.object(migrating, "call_command") as command, django_assert_max_num_queries(24):
        outcome = migrating.migrate_all()
    assert (outcome.migrated, outcome.failed, command.call_count) == ([], {}, 0)


def test_only_the_workspaces_behind_are_migrated(in_public):
    fall_behind("w_globex")
    with patch.object(migrating, "call_command") as command:
        outcome = migrating.migrate_all()
    assert outcome.migrated == ["w_globex"]
    assert [call.kwargs["schema_name"] for call in command.call_args_list] == ["w_globex"]


def test_a_suspended_workspace_is_kept_up_to_date_too(in_public, globex):
    Workspace.objects.filter(pk=globex.pk).update(status=Workspace.Status.SUSPENDED)
    fall_behind("w_globex")
    assert migrating.schemas_behind() == ["w_globex"]


def test_one_failing_workspace_stops_only_itself_and_a_rerun_heals(in_public):
    fall_behind("w_acme")
    fall_behind("w_globex")

    def break_acme(*args, schema_name, **kwargs):
        if schema_name == "w_acme":
            raise DatabaseError("column is in the way\nDETAIL: long")

    with (
        patch.object(migrating, "call_command", side_effect=break_acme),
        patch.object(migrating.connection, "close"),
    ):
        outcome = migrating.migrate_all()
    assert outcome.migrated == ["w_globex"]
    assert outcome.failed == {"w_acme": "column is in the way"}

    # a rerun takes Acme again
    assert "w_acme" in migrating.schemas_behind()


def test_preparing_names_what_failed_and_says_what_to_do(in_public):
    outcome = migrating.Outcome(failed={"w_acme": "column is in the way"})
    with (
        patch("tenants.management.commands.prepare.migrate_all", return_value=outcome),
        patch("tenants.management.commands.prepare.collect_if_changed", return_value=False),
        patch("tenants.management.commands.prepare.make_demo"),
        pytest.raises(CommandError, match="w_acme: column is in the way"),
    ):
        call_command("prepare", stdout=StringIO())


def test_the_demo_is_made_once_and_on_a_local_machine_only(in_public, now, settings):
    settings.LOCAL = False
    with pytest.raises(ImproperlyConfigured):
        demo.make_demo(now=now)
    assert not User.objects.filter(email=demo.EMAIL).exists()

    settings.LOCAL = True
    workspace = demo.make_demo(now=now)
    assert (workspace.slug, workspace.memberships.get().user.email) == (demo.SLUG, demo.EMAIL)
    assert demo.make_demo(now=now) is None
    assert User.objects.filter(email=demo.EMAIL).count() == 1


def test_welcome_says_where_everything_is(in_public, now, settings):
    demo.make_demo(now=now)
    settings.PORT = 8000
    out = StringIO()
    call_command("welcome", stdout=out)
    for address in (
        "http://localhost:8000/",
        "http://localhost:8000/inbox/",
        "http://localhost:8000/admin/",
        f"http://{demo.SLUG}.localhost:8000/api/docs",
        demo.PASSWORD,
    ):
        assert address in out.getvalue()
    settings.LOCAL = False
    settings.SCHEME = "https"
    out = StringIO()
    call_command("welcome", stdout=out)
    assert demo.PASSWORD not in out.getvalue()


def test_static_files_are_collected_when_a_source_changed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"

    def collect(*args, **kwargs):
        settings.STATIC_ROOT.mkdir(exist_ok=True)

    with patch.object(static_files, "call_command", side_effect=collect) as command:
        assert static_files.collect_if_changed() is True
        assert static_files.collect_if_changed() is False
        with patch.object(static_files, "sources_stamp", return_value="other"):
            assert static_files.collect_if_changed() is True
    assert command.call_count == 2


def test_an_operator_is_made_and_an_existing_person_becomes_one(in_public, owner):
    password = owner.password
    with patch.dict(os.environ, VIAGGIO_OPERATOR_PASSWORD="seven loaves a day"):
        call_command("create_operator", "Ops@Viaggio.example", stdout=StringIO())
        call_command("create_operator", owner.email, stdout=StringIO())
    made = User.objects.get(email="ops@viaggio.example")
    assert (made.is_staff, made.is_superuser) == (True, True)
    assert made.check_password("seven loaves a day")
    assert EmailAddress.objects.get(user=made).verified is True
    owner.refresh_from_db()
    assert (owner.is_staff, owner.password) == (True, password)


@pytest.mark.parametrize(("email", "password"), [("nobody", "x"), ("a@b.example", "short")])
def test_a_bad_operator_is_refused_in_words(in_public, email, password):
    with (
        patch.dict(os.environ, VIAGGIO_OPERATOR_PASSWORD=password),
        pytest.raises(CommandError),
    ):
        call_command("create_operator", email)
    assert not User.objects.filter(email=email).exists()
