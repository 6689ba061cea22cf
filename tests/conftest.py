"""The cast: Acme, and Globex, who must never see Acme. Both exist once per test run.

Every test that touches the database runs inside Acme, in a transaction that is rolled back.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django_tenants.utils import get_public_schema_name, schema_context

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs the fault tests at the size the promises name."""
    parser.addoption("--long", action="store_true", help="fault tests at full size")


@pytest.fixture
def now() -> datetime:
    """Friday 20 November 2026, noon UTC: 13:00 in Rome."""
    return NOON


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """A fresh database per test process, with the template schema, Acme and Globex."""
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        config = setup_databases(verbosity=0, interactive=False)
        make_cast()
    yield
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        teardown_databases(config, verbosity=0)


def make_cast() -> None:
    """Build the template and the two workspaces with an owner each."""
    from tenants.models import User
    from tenants.provisioning import create_workspace
    from tenants.schema import ensure_template

    with schema_context(get_public_schema_name()):
        ensure_template()
        for slug, name in (("acme", "Acme"), ("globex", "Globex")):
            owner = User.objects.create_user(
                f"owner@{slug}.example", "correct horse battery", name=f"{name} Owner"
            )
            create_workspace(name=name, slug=slug, owner=owner, now=NOON)


@pytest.fixture(autouse=True)
def _inside_acme(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with a database start in Acme and leave no workspace behind."""
    if "db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")
    connection.set_tenant(request.getfixturevalue("acme"))
    yield
    connection.set_schema_to_public()


@pytest.fixture(autouse=True)
def _static_files_without_hashes(tmp_path_factory: Any) -> Iterator[None]:
    """Names of static files as written: nobody collected them for a test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": plain},
        STATIC_ROOT=tmp_path_factory.getbasetemp(),
    ):
        yield


def _workspace(slug: str) -> Any:
    from tenants.models import Workspace

    return Workspace.objects.get(slug=slug)


@pytest.fixture
def acme(db: None) -> Any:
    """Acme's workspace."""
    return _workspace("acme")


@pytest.fixture
def globex(db: None) -> Any:
    """Globex's workspace; Acme's rows must never be seen from here."""
    return _workspace("globex")


@pytest.fixture
def owner(acme: Any) -> Any:
    """Acme's owner."""
    return acme.memberships.get(role="owner").user


@pytest.fixture
def client_of() -> Any:
    """`client_of(workspace, user=None)`: a browser on the workspace's host, signed in or not."""

    def make(workspace: Any, user: Any = None) -> Client:
        client = Client(headers={"host": f"{workspace.slug}.localhost"})
        if user is not None:
            with schema_context(workspace.schema_name):
                client.force_login(user)
        return client

    return make


@pytest.fixture
def acme_client(acme: Any, owner: Any, client_of: Any) -> Client:
    """Acme's owner in Acme."""
    return client_of(acme, owner)


@pytest.fixture
def globex_client(globex: Any, client_of: Any) -> Client:
    """Globex's owner in Globex."""
    return client_of(globex, globex.memberships.get(role="owner").user)
