"""The contact pages: what they show, what they write, who may."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django_tenants.utils import tenant_context

from contacts import bulk
from contacts.consent import record_consent
from contacts.lane import drain_bulk_lane
from contacts.models import (
    BulkAction,
    ConsentEntry,
    Contact,
    ContactExport,
    ContactField,
    ContactImport,
    Segment,
    Tag,
)
from contacts.tags import add_tag, tags_of
from core.ids import uuid7
from events.services import record
from tenants.models import Membership, User


def text_of(response):
    return response.content.decode()


@pytest.fixture
def people(contact, now):
    return [
        contact(f"p{n}@example.com", first_name=f"P{n}", created_at=now - timedelta(minutes=n))
        for n in range(120)
    ]


def shown(response):
    return [row[0].email for row in response.context["rows"]]


def test_the_list_pages_by_cursor_both_ways(people, acme_client):
    first = acme_client.get("/contacts/")
    assert shown(first) == [f"p{n}@example.com" for n in range(50)]
    assert "120 people, 0 you may email" in text_of(first)
    assert first.context["previous_url"] == ""
    second = acme_client.get(first.context["next_url"])
    assert shown(second) == [f"p{n}@example.com" for n in range(50, 100)]
    third = acme_client.get(second.context["next_url"])
    assert shown(third) == [f"p{n}@example.com" for n in range(100, 120)]
    assert third.context["next_url"] == ""
    assert shown(acme_client.get(third.context["previous_url"])) == shown(second)
    back = acme_client.get(second.context["previous_url"])
    assert shown(back) == shown(first)
    assert back.context["previous_url"] == ""


@pytest.mark.parametrize("cursor", ["x", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32, "é_é"])
def test_a_broken_cursor_is_the_first_page(people, acme_client, cursor):
    for name in ("after", "before"):
        assert shown(acme_client.get("/contacts/", {name: cursor}))[0] == "p0@example.com"


def test_filters_narrow_the_list_and_can_be_taken_away(people, acme_client, now):
    add_tag(contact_ids=[people[3].pk, people[7].pk], name="VIP", now=now)
    record_consent(contact_ids=[people[7].pk], action="subscribed", source="manual", now=now)
    page = acme_client.get("/contacts/?tag=vip&consent=mailable&q=p7")
    assert shown(page) == ["p7@example.com"]
    assert [(words, value) for words, value, _url in page.context["chips"]] == [
        ("People who", "may be emailed"),
        ("Tag is", "vip"),
    ]
    assert page.context["chips"][1][2] == "/contacts/?q=p7&consent=mailable"
    assert str(page.context["matches"]) == "1"
    nobody = acme_client.get("/contacts/?q=nobody%00")
    assert "Nobody matches" in text_of(nobody)


def test_htmx_gets_the_table_alone(people, acme_client):
    answer = acme_client.get("/contacts/", headers={"hx-request": "true"})
    assert "<html" not in text_of(answer)
    assert "p0@example.com" in text_of(answer)


def test_an_empty_workspace_says_how_to_begin(acme_client):
    page = acme_client.get("/contacts/")
    assert "No contacts yet" in text_of(page)
    assert "/contacts/imports/" in text_of(page)


def test_the_list_costs_the_same_however_many_are_on_it(
    people, acme_client, django_assert_max_num_queries
):
    acme_client.get("/contacts/")
    with django_assert_max_num_queries(40):
        acme_client.get("/contacts/")


def test_a_tag_for_the_chosen(people, acme_client):
    ids = [str(people[0].pk), str(people[1].pk), "nonsense"]
    answer = acme_client.post(
        "/contacts/bulk/", {"ids": ids, "action": "add_tag", "name": "VIP", "q": "p"}, follow=True
    )
    assert answer.redirect_chain == [("/contacts/?q=p", 302)]
    assert "2 contacts changed." in text_of(answer)
    assert set(tags_of([p.pk for p in people])) == {people[0].pk, people[1].pk}
    acme_client.post("/contacts/bulk/", {"ids": ids, "action": "remove_tag", "name": "vip"})
    assert tags_of([p.pk for p in people]) == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": "add_tag", "name": "VIP"},
        {"action": "burn", "name": "VIP", "all": "1"},
        {"action": "add_tag", "name": "", "all": "1"},
    ],
)
def test_a_bulk_action_without_sense_changes_nothing(people, acme_client, data):
    assert acme_client.post("/contacts/bulk/", data).status_code == 302
    assert not Tag.objects.exists()
    assert not BulkAction.objects.exists()


def test_very_many_are_tagged_in_the_background(people, acme_client, contact, now, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    monkeypatch.setattr(bulk, "BATCH", 7)
    answer = acme_client.post(
        "/contacts/bulk/", {"all": "1", "action": "add_tag", "name": "VIP", "q": "p1"}, follow=True
    )
    assert "in the background" in text_of(answer)
    job = BulkAction.objects.get()
    # who comes later was not chosen
    late = contact("p1late@example.com", created_at=job.created_at + timedelta(seconds=1))
    assert drain_bulk_lane(clock=lambda: job.created_at) is False
    job.refresh_from_db()
    expected = [p.pk for p in people if "p1" in p.email]
    assert (job.changed, job.finished_at) == (len(expected), job.created_at)
    assert set(tags_of([late.pk, *(p.pk for p in people)])) == set(expected)


def test_a_contact_is_added_with_its_fields_and_its_proof(acme_client):
    ContactField.objects.create(key="birthday", label="Birthday", type="date")
    answer = acme_client.post(
        "/contacts/new/",
        {
            "email": " Ada@Example.com",
            "first_name": "Ada",
            "field-birthday": "1990-02-09",
            "agreed": "on",
            "agreement": "Signed the list at the counter",
        },
    )
    ada = Contact.objects.get()
    assert (answer.status_code, answer["location"]) == (302, f"/contacts/{ada.pk}/")
    assert (ada.email, ada.fields) == ("ada@example.com", {"birthday": "1990-02-09"})
    assert (ada.email_consent, ada.source) == ("subscribed", "manual")
    assert ConsentEntry.objects.get().detail == "Signed the list at the counter"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": "known@example.com"}, "This contact exists already."),
        ({"email": "nonsense"}, "needs an @"),
        ({"first_name": "Ada"}, "Give an email address"),
        ({"email": "a@example.com", "agreed": "on"}, "Say how they agreed"),
        ({"email": "a@example.com", "timezone": "Mars"}, "is not a time zone"),
        ({"email": "a@example.com", "field-visits": "many"}, "is not a number"),
    ],
)
def test_a_bad_contact_is_told_and_not_added(contact, acme_client, data, words):
    contact("known@example.com", first_name="Known")
    ContactField.objects.create(key="visits", label="Visits", type="number")
    answer = acme_client.post("/contacts/new/", {**data, "last_name": "X"})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert list(Contact.objects.values_list("email", "last_name")) == [("known@example.com", "")]


def test_a_contact_is_changed_and_cleared(contact, acme_client, events_of):
    ContactField.objects.create(key="loaf", label="Loaf")
    ada = contact("ada@example.com", first_name="Ada", fields={"loaf": "rye", "other": 1})
    contact("bo@example.com")
    page = acme_client.get(f"/contacts/{ada.pk}/edit/")
    assert 'value="rye"' in text_of(page)
    answer = acme_client.post(f"/contacts/{ada.pk}/edit/", {"email": "new@example.com"})
    assert answer.status_code == 302
    ada.refresh_from_db()
    assert (ada.email, ada.first_name, ada.fields) == ("new@example.com", "", {"other": 1})
    assert ada.identities.get().value == "ada@example.com"
    assert {data["field"] for _kind, data in events_of(ada)} == {"email", "first_name", "loaf"}
    answer = acme_client.post(f"/contacts/{ada.pk}/edit/", {"email": "bo@example.com"})
    assert answer.status_code == 422
    assert "Another contact has this address." in text_of(answer)


def test_the_page_of_a_contact_tells_its_story(contact, acme_client, now):
    ada = contact("ada@example.com", first_name="Ada", source="import")
    add_tag(contact_ids=[ada.pk], name="VIP", now=now)
    record_consent(
        contact_ids=[ada.pk], action="subscribed", source="form", ip="203.0.113.9", now=now
    )
    record(type="order.placed", contact_id=ada.pk, now=now + timedelta(days=1))
    acme_client.post(f"/contacts/{ada.pk}/notes/", {"text": "Allergic to <b>walnuts</b>"})
    page = acme_client.get(f"/contacts/{ada.pk}/")
    titles = [entry.title for _day, entries in page.context["days"] for entry in entries]
    assert titles == [
        "Acme Owner wrote a note",
        "Ordered",
        "Subscribed to email",
        "Tagged “VIP”",
        "Added to your contacts",
    ]
    assert "Allergic to &lt;b&gt;walnuts&lt;/b&gt;" in text_of(page)
    only = acme_client.get(f"/contacts/{ada.pk}/?kind=notes", headers={"hx-request": "true"})
    assert [len(entries) for _day, entries in only.context["days"]] == [1]
    proof = acme_client.get(f"/contacts/{ada.pk}/proof/")
    assert "203.0.113.9" in text_of(proof)


def test_the_timeline_goes_back_without_a_gap_or_a_double(contact, acme_client, now):
    ada = contact("ada@example.com")
    for number in range(60):
        # many at the very same moment
        record(
            type="page.viewed", contact_id=ada.pk, now=now,
            occurred_at=now - timedelta(minutes=number // 20), message_id=f"m{number}",
        )  # fmt: skip
        if number % 3 == 0:
            ada.notes.create(text=f"n{number}", author_name="Bo", created_at=now)
    seen, url = [], f"/contacts/{ada.pk}/"
    while url and len(seen) < 200:
        page = acme_client.get(url)
        seen += [(e.rank, e.number) for _day, entries in page.context["days"] for e in entries]
        url = page.context["earlier_url"]
    assert len(seen) == len(set(seen)) == 60 + 20 + 1


def test_days_are_the_workspaces_own(contact, acme_client, now):
    # 23:30 UTC is half past midnight in Rome
    ada = contact("ada@example.com", created_at=now.replace(hour=23, minute=30))
    page = acme_client.get(f"/contacts/{ada.pk}/")
    assert page.context["days"][0][0].startswith("Saturday 21 November")
    assert "00:30" in text_of(page)


def test_a_consent_told_to_a_colleague_is_kept_with_their_name(contact, acme_client):
    ada = contact("ada@example.com", email_consent="subscribed")
    url = f"/contacts/{ada.pk}/consent/"
    assert acme_client.post(url, {"action": "unsubscribed"}).status_code == 422
    assert not ConsentEntry.objects.exists()
    acme_client.post(url, {"action": "unsubscribed", "detail": "By phone"})
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    assert ConsentEntry.objects.get().detail == "By phone (Acme Owner)"


def test_erasing_asks_first_and_leaves_nobody(contact, acme_client):
    ada = contact("ada@example.com")
    assert "Forget ada@example.com?" in text_of(acme_client.get(f"/contacts/{ada.pk}/erase/"))
    assert Contact.objects.exists()
    acme_client.post(f"/contacts/{ada.pk}/erase/")
    assert not Contact.objects.exists()
    assert acme_client.get(f"/contacts/{ada.pk}/").status_code == 404


def test_fields_and_tags_are_made_on_their_pages(acme_client):
    acme_client.post(
        "/contacts/fields/", {"label": "Size", "type": "choice", "options": "S\nM\n\nM"}
    )
    field = ContactField.objects.get()
    assert (field.key, field.type, field.choices) == ("size", "choice", ["S", "M"])
    for bad in (
        {"label": "size", "type": "text"},
        {"label": "Colour", "type": "choice"},
        {"label": "", "type": "text"},
        {"label": "X", "type": "magic"},
    ):
        assert acme_client.post("/contacts/fields/", bad).status_code == 422
    assert ContactField.objects.count() == 1
    acme_client.post("/contacts/tags/", {"name": "VIP"})
    acme_client.post("/contacts/tags/", {"name": "vip"})
    acme_client.post("/contacts/tags/", {"name": ""})
    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]
    assert "VIP" in text_of(acme_client.get("/contacts/tags/"))


@pytest.fixture
def viewer_client(acme, client_of):
    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=viewer, workspace=acme, role="viewer")
    return client_of(acme, viewer)


def contact_routes():
    for pattern in get_resolver("config.urls").url_patterns:
        for route in getattr(pattern, "url_patterns", []):
            if str(route.pattern).startswith("contacts/"):
                yield str(route.pattern)


def addresses(contact, job, export, segment):
    """Every page of contacts, filled with one workspace's ids."""
    return [
        "/"
        + route.replace("<uuid:contact_id>", str(contact.pk))
        .replace("<uuid:import_id>", str(job.pk))
        .replace("<uuid:export_id>", str(export.pk))
        .replace("<uuid:segment_id>", str(segment.pk))
        .replace("<slug:key>", "journeys")
        for route in contact_routes()
    ]


@pytest.fixture
def theirs(contact, now):
    """One of everything, in Acme."""
    job = ContactImport.objects.create(
        file="imports/x.csv", file_name="canary.csv", columns=["email"]
    )
    export = ContactExport.objects.create(file="exports/x.csv", status="done")
    segment = Segment.objects.create(name="Canaries", tree={})
    return contact("canary@example.com", first_name="Canary"), job, export, segment


def test_a_viewer_reads_and_writes_nothing(theirs, viewer_client):
    assert viewer_client.get("/contacts/").status_code == 200
    for url in addresses(*theirs):
        assert viewer_client.post(url, {"name": "x", "email": "x@example.com"}).status_code in (
            403,
            405,
        ), url
    assert list(Contact.objects.values_list("email", flat=True)) == ["canary@example.com"]
    assert not Tag.objects.exists()


def test_globex_never_sees_acme(theirs, globex_client, acme, globex):
    for url in addresses(*theirs):
        for method in (globex_client.get, globex_client.post):
            answer = method(url, {"name": "x", "text": "x", "action": "add_tag"})
            body = b"".join(answer) if answer.streaming else answer.content
            assert b"anary" not in body, url
            names_them = any(str(each.pk) in url for each in theirs)
            assert not names_them or answer.status_code in (404, 405), url
    with tenant_context(acme):
        assert list(Contact.objects.values_list("email", flat=True)) == ["canary@example.com"]
        assert not Tag.objects.exists()
        assert ContactImport.objects.get().status == "uploaded"


def test_nobody_comes_in_unasked(theirs, client_of, acme):
    for url in addresses(*theirs):
        answer = client_of(acme).get(url)
        assert answer.status_code == 302, url
        assert "/enter/" in answer["location"] or "acme" in answer["location"]


def test_what_is_not_there_is_a_404(acme_client, now):
    nobody = uuid7()
    for page in ("", "edit/", "erase/", "proof/", "consent/", "panels/x/"):
        assert acme_client.get(f"/contacts/{nobody}/{page}").status_code == 404
    assert acme_client.get("/contacts/not-an-id/").status_code == 404
