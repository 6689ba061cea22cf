"""Exports: everything, safe in a spreadsheet, for members only."""

import csv
import io

import pytest
from django.core.files.storage import default_storage

from contacts import exports
from contacts.exports import continue_export, request_export
from contacts.imports import running
from contacts.imports.starting import Choices, start
from contacts.imports.uploading import upload
from contacts.listing import Filters
from contacts.models import Contact, ContactExport, ContactField
from contacts.tags import add_tag
from core.errors import Invalid
from tenants.models import AuditEntry


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def written(now, **filters):
    job = request_export(filters=Filters.read(filters), now=now)
    continue_export(now)
    job.refresh_from_db()
    with job.file.open("rb") as file:
        return job, file.read().decode("utf-8-sig")


def test_everything_is_in_it_and_no_cell_can_act(contact, now):
    ContactField.objects.create(key="vip", label="VIP?", type="boolean")
    ada = contact(
        "=cmd|calc@x.com",
        first_name='=HYPERLINK("http://evil/")',
        phone="+39061234567",
        fields={"vip": True},
    )
    add_tag(contact_ids=[ada.pk], name="b", now=now)
    add_tag(contact_ids=[ada.pk], name="a", now=now)
    contact("bo@example.com", last_name="Bo")
    job, text = written(now)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (job.status, job.rows, len(rows)) == ("done", 2, 2)
    assert rows[0]["email"] == "'=cmd|calc@x.com"
    assert rows[0]["first_name"] == '\'=HYPERLINK("http://evil/")'
    assert rows[0]["phone"] == "'+39061234567"
    assert (rows[0]["tags"], rows[0]["VIP?"], rows[1]["VIP?"]) == ("a, b", "yes", "")
    assert rows[1]["email_consent"] == "none"


def test_what_was_exported_can_be_imported(contact, now):
    contact("=cmd|calc@x.com", first_name="-Ada", phone="+39061234567")
    _job, text = written(now)
    Contact.objects.all().delete()
    job = upload(file=io.BytesIO(text.encode()), name="again.csv", now=now)
    start(job=job, choices=Choices(mapping=job.mapping), now=now)
    running.continue_import(now)
    again = Contact.objects.get()
    assert (again.email, again.first_name, again.phone) == (
        "=cmd|calc@x.com",
        "-Ada",
        "+39061234567",
    )


def test_a_filter_holds_for_the_export_too(contact, now):
    contact("ada@example.com")
    contact("bo@example.org")
    _job, text = written(now, q="example.org")
    assert "bo@example.org" in text
    assert "ada@example.com" not in text


def test_a_fourth_export_waits(now):
    for _each in range(3):
        request_export(filters=Filters(), now=now)
    with pytest.raises(Invalid) as refusal:
        request_export(filters=Filters(), now=now)
    assert refusal.value.code == "too_many_exports"
    assert ContactExport.objects.count() == 3


def test_a_killed_export_is_written_anew(contact, now, monkeypatch):
    contact("ada@example.com")
    request_export(filters=Filters(), now=now)

    def killed(job):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            continue_export(now)
    assert ContactExport.objects.get().status == "queued"
    continue_export(now)
    assert ContactExport.objects.get().status == "done"


def test_members_fetch_it_and_the_audit_log_knows(contact, now, acme_client, globex_client):
    contact("ada@example.com")
    answer = acme_client.post("/contacts/exports/", {"q": "ada"})
    assert answer.status_code == 302
    job = ContactExport.objects.get()
    url = f"/contacts/exports/{job.pk}/file/"
    assert acme_client.get(url).status_code == 404
    continue_export(now)
    answer = acme_client.get(url)
    assert b"ada@example.com" in answer.getvalue()
    assert "attachment" in answer["content-disposition"]
    assert AuditEntry.objects.filter(action="contacts.exported", target=str(job.pk)).exists()
    assert globex_client.get(url).status_code == 404
    page = acme_client.get("/contacts/exports/")
    assert url in page.content.decode()


def test_taking_an_export_away_takes_its_file(
    contact, now, acme_client, django_capture_on_commit_callbacks
):
    job, _text = written(now)
    assert default_storage.exists(job.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        acme_client.post(f"/contacts/exports/{job.pk}/forget/")
    assert not ContactExport.objects.exists()
    from django_tenants.utils import tenant_context

    from tenants.models import Workspace

    with tenant_context(Workspace.objects.get(slug="acme")):
        assert not default_storage.exists(job.file.name)
