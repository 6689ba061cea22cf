"""P7: no workspace set is an error, never "public"; and no row crosses from one to another."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import shared_task
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django_tenants.utils import tenant_context

from config.celery import app
from contacts.models import Contact
from core.errors import Permanent
from tenants.celery import HEADER, PublicTask, TenantTask
from tenants.context import NoWorkspace, current_schema, current_workspace, enter_workspace
from tenants.models import Workspace
from tenants.saving import WrongWorkspace, guarded_models


@shared_task(base=TenantTask, name="tests.count_contacts")
def count_contacts() -> int:
    return Contact.objects.count()


@shared_task(base=TenantTask, name="tests.where")
def where() -> str:
    return current_schema()


def in_a_new_thread(call: Any) -> Any:
    def run() -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def own_tasks() -> dict[str, Any]:
    """The tasks that this project defines."""
    app.loader.import_default_modules()
    mine = {config.name for config in apps.get_app_configs() if hasattr(config, "is_viaggio")}
    return {
        name: task
        for name, task in app.tasks.items()
        if type(task).__module__.partition(".")[0] in mine | {"config"}
    }


def test_every_task_says_whose_it_is():
    found = own_tasks()
    assert {"tenants.tick", "tenants.send_system_mail"} <= found.keys()
    unbound = [
        name for name, task in found.items() if not isinstance(task, TenantTask | PublicTask)
    ]
    assert unbound == []
    assert [name for name, task in found.items() if not task.ignore_result] == []


def test_a_task_without_its_header_raises_and_reads_nothing(acme):
    # given a contact in Acme, and a task that was sent from nowhere
    Contact.objects.create(email="ada@example.com")
    connection.set_schema_to_public()

    # then it does not run, whatever its worker did before
    with pytest.raises(NoWorkspace):
        count_contacts.apply(throw=True)
    with pytest.raises(NoWorkspace):
        count_contacts.apply(headers={HEADER: ""}, throw=True)
    # and it cannot even be sent
    with pytest.raises(NoWorkspace):
        count_contacts.delay()
    with pytest.raises(NoWorkspace):
        count_contacts.delay_on_commit()


def test_a_task_runs_in_the_workspace_of_its_header_only(acme, globex):
    Contact.objects.create(email="ada@example.com")
    connection.set_schema_to_public()

    assert count_contacts.apply(headers={HEADER: "w_acme"}, throw=True).result == 1
    assert count_contacts.apply(headers={HEADER: "w_globex"}, throw=True).result == 0
    assert connection.schema_name == "public"


@pytest.mark.parametrize("schema", ["public", "w_nowhere", "viaggio_template", "w_acme; DROP"])
def test_a_task_for_no_real_workspace_raises(acme, schema):
    connection.set_schema_to_public()
    with pytest.raises(Permanent) as refusal:
        count_contacts.apply(headers={HEADER: schema}, throw=True)
    assert refusal.value.code == "workspace_gone"


def test_a_task_for_a_deleted_schema_raises(acme, now):
    # given a workspace whose row is there and whose schema is not
    connection.set_schema_to_public()
    Workspace.objects.create(name="Ghost", slug="ghost", schema_name="w_ghost")

    with pytest.raises(Permanent) as refusal:
        count_contacts.apply(headers={HEADER: "w_ghost"}, throw=True)

    assert refusal.value.code == "workspace_gone"


def test_a_task_for_a_suspended_workspace_raises(acme, globex):
    connection.set_schema_to_public()
    Workspace.objects.filter(pk=globex.pk).update(status=Workspace.Status.SUSPENDED)
    with pytest.raises(Permanent):
        count_contacts.apply(headers={HEADER: "w_globex"}, throw=True)


def test_a_new_thread_is_in_no_workspace(acme):
    # given code that runs in Acme and starts a thread
    assert current_schema() == "w_acme"

    # then the thread is in none: asking raises, and so does every read
    for call in (current_schema, current_workspace, where, count_contacts, Contact.objects.count):
        with pytest.raises((NoWorkspace, ProgrammingError)):
            in_a_new_thread(call)


def test_a_shell_is_in_no_workspace(db):
    connection.set_schema_to_public()
    with pytest.raises(NoWorkspace):
        current_workspace("The shell")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Contact.objects.count()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Contact.objects.create(email="ada@example.com")


def test_leaving_a_workspace_by_an_error_leaves_it(acme, globex):
    with pytest.raises(ZeroDivisionError), enter_workspace("w_globex"):
        _ = 1 / 0
    assert current_schema() == "w_acme"


def test_a_row_loaded_in_acme_is_not_saved_in_globex(acme, globex):
    # given a contact loaded in Acme, one made there, and one of Globex under the same id
    made = Contact.objects.create(email="ada@example.com")
    loaded = Contact.objects.get(pk=made.pk)
    with tenant_context(globex):
        Contact.objects.create(pk=made.pk, email="globex@example.com")

        # when code that is in Globex meanwhile saves or deletes Acme's
        for contact in (made, loaded):
            contact.email = "overwritten@example.com"
            with pytest.raises(WrongWorkspace):
                contact.save()
            with pytest.raises(WrongWorkspace):
                contact.save(update_fields=["email"])
            with pytest.raises(WrongWorkspace):
                contact.delete()

        # then Globex's contact is as it was
        assert Contact.objects.get().email == "globex@example.com"
    assert Contact.objects.get().email == "ada@example.com"


def test_a_row_never_saved_may_be_saved_anywhere_and_is_at_home_there(acme, globex):
    contact = Contact(email="ada@example.com")
    with tenant_context(globex):
        contact.save()
        contact.save()
    with pytest.raises(WrongWorkspace):
        contact.save()


def test_every_workspace_model_is_guarded():
    names = {model._meta.label for model in guarded_models()}
    assert {"contacts.Contact", "events.Event", "journeys.Enrolment", "campaigns.Message"} <= names
    assert "tenants.User" not in names
    assert "sessions.Session" not in names
