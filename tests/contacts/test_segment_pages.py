"""The pages of segments: list, builder, live size, copy, delete, and the filter of the contacts."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tenants.utils import tenant_context

from contacts.models import Segment
from contacts.saved_segments import create_segment
from contacts.tags import add_tag
from journeys.services import create_journey, publish_journey

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
NEW = {"kind": "created", "config": {"test": "within", "days": 7}}
LIST = "/contacts/segments/"
BUILD = "/contacts/segments/new/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def vips(contact, now):
    ada = contact("ada@example.com", first_name="Ada", email_consent="subscribed")
    bo = contact("bo@example.com", first_name="Bo")
    contact("cy@example.com", first_name="Cy")
    add_tag(contact_ids=[ada.pk, bo.pk], name="VIP", now=now)
    return create_segment(name="VIPs", tree=VIP, now=now)


def test_the_list_tells_each_segment_in_words_with_its_size(acme_client, vips, now):
    create_segment(name="Everybody", tree={}, now=now)
    inside = {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
    create_segment(name="Others", tree={"not": inside}, now=now)
    page = acme_client.get(LIST).content.decode()
    assert "People with the tag “vip”" in page
    assert "People except those in the segment “VIPs”" in page
    assert page.index("Everybody") < page.index("Others") < page.index("VIPs")
    row = page[page.index(f"?segment={vips.pk}") :]
    assert row.split(">", 1)[1].startswith("2<")


def test_the_list_costs_the_same_for_many(acme_client, vips, now):
    for number in range(15):
        inside = {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
        create_segment(name=f"Copy {number}", tree=inside, now=now)
    with CaptureQueriesContext(connection) as queries:
        acme_client.get(LIST)
    own = [each["sql"] for each in queries if "contacts_" in each["sql"]]
    # counting the page, its rows, the estimate and the head count, one look into each segment
    # that another one names, the sizes, the names
    assert len([sql for sql in own if 'WHERE "contacts_segment"."id" =' not in sql]) <= 7


def test_a_large_workspace_gets_its_sizes_after_the_page(acme_client, vips, monkeypatch):
    monkeypatch.setattr("contacts.listing.EXACT_UP_TO", -1)
    page = acme_client.get(LIST).content.decode()
    assert f"{LIST}?page=1&amp;sizes=1" in page
    assert "Count now" in page
    counted = acme_client.get(f"{LIST}?page=1&sizes=1", headers=HTMX).content.decode()
    assert "<html" not in counted
    assert ">2<" in counted


def test_the_empty_list_says_what_segments_are_for(acme_client):
    assert "No segment yet" in acme_client.get(LIST).content.decode()
    assert "No segment like this" in acme_client.get(f"{LIST}?q=x").content.decode()


def test_more_than_a_page_is_paged(acme_client, now):
    for number in range(21):
        create_segment(name=f"S{number:02}", tree={}, now=now)
    first = acme_client.get(LIST).content.decode()
    assert "S19" in first
    assert "S20" not in first
    assert f"{LIST}?page=2" in first
    assert "S20" in acme_client.get(f"{LIST}?page=2").content.decode()
    assert "S20" in acme_client.get(f"{LIST}?page=99").content.decode()


def test_a_segment_is_built_press_by_press_without_a_script(acme_client, vips):
    # given an empty builder, a form is opened
    page = acme_client.get(BUILD)
    assert "No condition yet." in page.content.decode()
    opened = acme_client.post(BUILD, {"tree": "{}", "do": "add:", "kind-": "tag", "name": "New"})
    assert opened.status_code == 200
    assert 'name="condition-tag"' in opened.content.decode()
    assert 'value="New"' in opened.content.decode()
    assert Segment.objects.count() == 1
    # when it is filled in and the segment saved, without keeping the condition first
    typed = {"open_how": "add", "open_place": "", "open_kind": "tag"}
    typed |= {"condition-test": "has", "condition-tag": "vip"}
    saved = acme_client.post(BUILD, {"tree": "{}", "do": "save", "name": "Stars", **typed})
    # then it is there
    assert saved.status_code == 302
    assert Segment.objects.get(name="Stars").tree == VIP


def test_the_size_is_split_into_who_can_be_mailed_and_why_not(acme_client, vips):
    page = acme_client.get(reverse("contacts:segment", args=[vips.pk])).content.decode()
    text = " ".join(page.split())
    assert '<b class="tabular">2</b> people' in text
    assert "have not agreed to marketing mail</dt><dd>1</dd>" in text
    assert "without an email address" not in text


def test_the_live_count_takes_the_open_form_along(acme_client, vips):
    opened = {"open_how": "add", "open_place": "", "open_kind": "profile"}
    typed = {"condition-field": "first_name", "condition-test": "is", "condition-value": "bo"}
    count = reverse("contacts:segment_count")
    shown = acme_client.post(count, {"tree": json.dumps(VIP), **opened, **typed}).content.decode()
    assert '<b class="tabular">1</b> person' in " ".join(shown.split())
    # half written: as before
    half = acme_client.post(count, {"tree": json.dumps(VIP), **opened}).content.decode()
    assert '<b class="tabular">2</b>' in half
    unknown = {"kind": "astrology", "config": {}}
    broken = acme_client.post(count, {"tree": json.dumps(unknown)})
    assert "once the conditions are complete" in broken.content.decode()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "vips"}, "There is a segment with this name."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"tree": json.dumps({"kind": "astrology"})}, "There is no condition “astrology”."),
        ({"open_how": "add", "open_place": "", "open_kind": "tag"}, "This field is required."),
    ],
)
def test_what_cannot_be_saved_comes_back_in_words(acme_client, vips, sent, says):
    given = {"name": "Stars", "tree": json.dumps(NEW), "do": "save"} | sent
    response = acme_client.post(BUILD, given)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert "added in the last 7 days" in response.content.decode() or "tree" in sent
    assert Segment.objects.count() == 1


def test_a_condition_that_is_gone_can_be_taken_out(acme_client, vips):
    Segment.objects.filter(pk=vips.pk).update(tree={"all": [VIP, {"kind": "astrology"}]})
    url = reverse("contacts:segment", args=[vips.pk])
    page = acme_client.get(url)
    assert page.status_code == 200
    tree = page.context["editor"].text
    without = acme_client.post(url, {"name": "VIPs", "tree": tree, "do": "remove:1"})
    saved = without.context["editor"].text
    acme_client.post(url, {"name": "VIPs", "tree": saved, "do": "save"})
    vips.refresh_from_db()
    assert vips.tree == VIP


def test_htmx_gets_the_builder_alone(acme_client, vips):
    url = reverse("contacts:segment", args=[vips.pk])
    sent = {"name": "VIPs", "tree": json.dumps(VIP), "do": "negate:0"}
    part = acme_client.post(url, sent, headers=HTMX).content.decode()
    assert "<html" not in part
    assert "People except those with the tag “vip”" in part
    saved = acme_client.post(url, {**sent, "do": "save"}, headers=HTMX)
    assert saved["HX-Redirect"] == LIST


def test_a_copy_is_opened_to_be_changed(acme_client, vips):
    response = acme_client.post(reverse("contacts:segment_duplicate", args=[vips.pk]))
    copy = Segment.objects.get(name="VIPs (copy)")
    assert response["Location"] == reverse("contacts:segment", args=[copy.pk])


def test_deleting_asks_first(acme_client, vips):
    url = reverse("contacts:segment_delete", args=[vips.pk])
    assert "Delete “VIPs”?" in acme_client.get(url).content.decode()
    assert Segment.objects.exists()
    assert acme_client.post(url).status_code == 302
    assert not Segment.objects.exists()


@pytest.mark.parametrize("published", [True, False])
def test_a_segment_in_a_journey_stays(acme_client, vips, now, published):
    inside = {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
    split = {"id": "aa", "kind": "if_else", "config": {"condition": inside}}
    split["branches"] = [{"label": "", "steps": []}, {"label": "", "steps": []}]
    definition = {"entries": [{"kind": "manual", "config": {}}], "steps": [split]}
    journey = create_journey(name="Welcome", definition=definition, now=now)
    if published:
        publish_journey(journey=journey, now=now)
        journey.draft = {}
        journey.save(update_fields=["draft"])
    url = reverse("contacts:segment_delete", args=[vips.pk])
    assert "the journey “Welcome”" in acme_client.get(url).content.decode()
    refused = acme_client.post(url)
    assert refused.status_code == 422
    assert "in use by the journey “Welcome”" in refused.content.decode()
    assert Segment.objects.filter(pk=vips.pk).exists()


def test_the_people_of_a_segment_are_a_filtered_list(acme_client, vips):
    page = acme_client.get(f"/contacts/?segment={vips.pk}")
    assert {row[0].first_name for row in page.context["rows"]} == {"Ada", "Bo"}
    assert "In the segment" in page.content.decode()
    everybody = acme_client.get("/contacts/?segment=nonsense")
    assert len(everybody.context["rows"]) == 3
    gone = acme_client.get("/contacts/?segment=019aa0a0-6c00-7000-8000-000000000001")
    assert list(gone.context["rows"]) == []


def test_filters_of_the_list_begin_a_segment(acme_client, vips):
    page = acme_client.get("/contacts/?tag=VIP&q=ada").content.decode()
    assert "/contacts/segments/new/?q=ada&amp;tag=VIP" in page
    built = acme_client.get(f"{BUILD}?q=ada&tag=VIP")
    tag, search = built.context["editor"].tree["all"]
    assert tag["config"]["tag"] == "VIP"
    assert [each["config"]["field"] for each in search["any"]] == [
        "email", "first_name", "last_name", "phone",
    ]  # fmt: skip
    assert built.context["counts"].size == 1


def test_a_viewer_reads_and_changes_nothing(acme, client_of, vips, owner):
    membership = acme.memberships.get(user=owner)
    membership.role = "viewer"
    membership.save()
    viewer = client_of(acme, owner)
    url = reverse("contacts:segment", args=[vips.pk])
    page = viewer.get(url).content.decode()
    assert "People with the tag “vip”" in page
    assert "Save segment" not in page
    assert viewer.post(url, {"name": "X", "tree": "{}", "do": "save"}).status_code == 403
    assert viewer.post(reverse("contacts:segment_delete", args=[vips.pk])).status_code == 403
    vips.refresh_from_db()
    assert (vips.name, vips.tree) == ("VIPs", VIP)


def test_globex_sees_none_of_it(globex_client, globex, acme, vips):
    for name in ("segment", "segment_duplicate", "segment_delete"):
        url = reverse(f"contacts:{name}", args=[vips.pk])
        assert globex_client.post(url, {"do": "save", "name": "X"}).status_code == 404
    assert "VIPs" not in globex_client.get(LIST).content.decode()
    connection.set_tenant(acme)
    assert Segment.objects.get().tree == VIP
    with tenant_context(globex):
        assert not Segment.objects.exists()
