"""A workspace is a copy of the template schema: same tables, names and rules, no rows in common."""

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import tenant_context

from contacts.models import ConsentEntry, Contact
from core.errors import Invalid
from tenants.models import Domain, Workspace
from tenants.provisioning import create_workspace

CATALOGUE = """
    SELECT relname, relkind::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = %s AND relkind IN ('r', 'i')
    UNION ALL
    SELECT conname, contype::text FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace
     WHERE nspname = %s
    UNION ALL
    SELECT tgname, 't' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND NOT tgisinternal"""


def catalogue(schema: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE, [schema] * 3)
        return sorted(cursor.fetchall())


def test_a_new_workspace_has_everything_the_template_has(acme):
    # given the template that migrations built, and Acme that was cloned from it
    template = catalogue("viaggio_template")

    # then names and kinds of all tables, indexes, constraints and triggers are the same
    assert len(template) > 100
    assert catalogue("w_acme") == template


def test_rows_of_one_workspace_are_not_in_another(acme, globex):
    # given a contact of Acme
    contact = Contact.objects.create(email="ada@example.com")

    # when Globex looks for it
    with tenant_context(globex):
        found = list(Contact.objects.all())
        # and writes a row of its own
        Contact.objects.create(email="bob@example.com")

    # then Globex found nothing, and Acme still has just its own
    assert found == []
    assert list(Contact.objects.all()) == [contact]


def test_workspace_tables_are_not_in_public(acme):
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.contacts_contact')")
        assert cursor.fetchone() == (None,)


def test_the_cloned_ledger_refuses_to_be_changed(acme, now):
    # given an entry in Acme's ledger
    entry = ConsentEntry.objects.create(
        contact_id="0193a0a0-0000-7000-8000-000000000000",
        action="subscribed",
        source="form",
        occurred_at=now,
    )

    # when somebody rewrites or deletes it, then the database says no
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEntry.objects.update(action="unsubscribed")
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEntry.objects.all().delete()
    entry.refresh_from_db()
    assert entry.action == "subscribed"


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("acme", "slug_taken"),
        ("admin", "slug_reserved"),
        ("A B", "slug_invalid"),
        ("ab", "slug_invalid"),
        ("-acme", "slug_invalid"),
        ("a--b", "slug_invalid"),
        ("x" * 41, "slug_invalid"),
        ("café", "slug_invalid"),
    ],
)
def test_a_bad_slug_is_refused_and_leaves_nothing(acme, owner, now, slug, code):
    connection.set_schema_to_public()
    before = Workspace.objects.count(), Domain.objects.count()

    with pytest.raises(Invalid) as refusal:
        create_workspace(name="Another", slug=slug, owner=owner, now=now)

    assert refusal.value.code == code
    assert (Workspace.objects.count(), Domain.objects.count()) == before
