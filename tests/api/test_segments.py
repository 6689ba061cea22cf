"""Segments by API."""

import pytest
from django_tenants.utils import tenant_context

from contacts.models import Contact, Segment
from contacts.saved_segments import create_segment
from contacts.tags import add_tag

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


@pytest.fixture
def vips(api, now):
    ada = Contact.objects.create(email="ada@example.com", email_consent="subscribed")
    bo = Contact.objects.create(phone="+39061234567")
    Contact.objects.create(email="cy@example.com")
    add_tag(contact_ids=[ada.pk, bo.pk], name="VIP", now=now)
    return create_segment(name="VIPs", tree=VIP, now=now)


def test_a_segment_is_created_read_changed_and_deleted(api):
    created = api.post("/segments", {"name": "VIPs", "tree": VIP})
    assert created.status_code == 201
    body = created.json()
    assert (body["name"], body["tree"]) == ("VIPs", VIP)
    assert body["words"] == "People with the tag “vip”"
    path = f"/segments/{body['id']}"
    assert api.get(path).json() == body

    changed = api.patch(path, {"name": "Stars"})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["tree"]) == ("Stars", VIP)
    assert [each["name"] for each in api.get("/segments").json()["results"]] == ["Stars"]

    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404


def test_who_is_in_and_how_many_can_be_mailed(api, vips):
    listed = api.get(f"/segments/{vips.pk}/contacts", query_string="")
    assert {each["email"] for each in listed.json()["results"]} == {"ada@example.com", None}
    counts = {
        "size": 2,
        "mailable": 1,
        "not_mailable": {"no_address": 1, "suppressed": 0, "no_consent": 0},
    }
    assert api.get(f"/segments/{vips.pk}/count").json() == counts


def nested(depth):
    return {"not": nested(depth - 1)} if depth else VIP


@pytest.mark.parametrize(
    ("tree", "code", "field"),
    [
        (nested(9), "rule_too_complex", "tree"),
        (nested(500), "rule_too_complex", "tree"),  # BI106
        ({"any": [VIP] * 61}, "too_many_conditions", "tree"),
        ({"any": [{"all": [VIP] * 300}] * 300}, "too_many_conditions", "tree"),
        # no test by regular expression is offered: BI106
        (
            {"kind": "profile", "config": {"field": "email", "test": "regex", "value": "(a+)+$"}},
            "bad_condition",
            "test",
        ),
        ({"kind": "astrology"}, "unknown_condition", "tree"),
        (
            {"kind": "tag", "config": {"test": "has", "tag": "a\x00b"}},
            "nul_character",
            "tree.config.tag",
        ),
        ({"all": ["x"]}, "bad_segment", "tree"),
        ([], "not_a_dict", "tree"),
    ],
)
def test_a_bad_tree_is_refused_with_its_reason(api, tree, code, field):
    response = api.post("/segments", {"name": "X", "tree": tree})
    assert response.status_code == 400
    answer = response.json()
    assert answer["code"] == code
    assert answer["errors"][0]["message"]
    assert answer["errors"][0]["field"] == field
    assert not Segment.objects.exists()


def test_clashes_answer_409_and_change_nothing(api, vips, now):
    inside = {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
    friends = api.post("/segments", {"name": "Friends", "tree": inside}).json()["id"]

    taken = api.post("/segments", {"name": "vips", "tree": {}})
    assert (taken.status_code, taken.json()["code"]) == (409, "segment_exists")
    taken = api.patch(f"/segments/{friends}", {"name": "VIPS"})
    assert (taken.status_code, taken.json()["code"]) == (409, "segment_exists")
    in_use = api.delete(f"/segments/{vips.pk}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "segment_in_use")
    assert "the segment “Friends”" in in_use.json()["message"]
    circle = api.patch(f"/segments/{vips.pk}", {"tree": {"not": inside}})
    assert (circle.status_code, circle.json()["code"]) == (400, "segment_circle")

    assert set(Segment.objects.values_list("name", flat=True)) == {"VIPs", "Friends"}
    assert Segment.objects.get(pk=vips.pk).tree == VIP


def test_a_key_needs_its_scope(acme, integrator, key_of, vips):
    reader = integrator(acme, key_of(acme, "contacts:read")[1])
    assert reader.get("/segments").status_code == 200
    assert reader.post("/segments", {"name": "X", "tree": VIP}).status_code == 403
    assert reader.delete(f"/segments/{vips.pk}").status_code == 403


def test_globex_cannot_tell_acmes_segments_from_missing_ones(
    globex, integrator, key_of, acme, vips
):
    stranger = integrator(globex, key_of(globex)[1])
    with tenant_context(globex):
        assert stranger.get("/segments").json()["results"] == []
        for path in ("", "/contacts", "/count"):
            assert stranger.get(f"/segments/{vips.pk}{path}").status_code == 404
        assert stranger.patch(f"/segments/{vips.pk}", {"name": "X"}).status_code == 404
        assert stranger.delete(f"/segments/{vips.pk}").status_code == 404
        inside = {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
        refused = stranger.post("/segments", {"name": "X", "tree": inside})
        assert refused.json()["code"] == "bad_condition"
    with tenant_context(acme):
        assert Segment.objects.get().name == "VIPs"
