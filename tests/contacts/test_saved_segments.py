"""Saved segments: names, circles, weight, uses, and who is in."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from contacts import contracts
from contacts.audience import audience_counts, sizes
from contacts.consent import suppress
from contacts.contracts import SegmentUse
from contacts.models import Segment
from contacts.saved_segments import (
    create_segment,
    delete_segment,
    duplicate_segment,
    update_segment,
    uses_of,
)
from contacts.segments import clean_tree, describe, in_segment, scope_at
from contacts.tags import add_tag
from core.errors import Invalid
from core.registry import Registry

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


def within(segment):
    return {"kind": "in_segment", "config": {"segment": str(segment.pk)}}


@pytest.fixture
def segment(now):
    def make(name, tree=VIP):
        return create_segment(name=name, tree=tree, now=now)

    return make


@contextmanager
def statements():
    """The statements of the block, without those that set the search path."""
    with CaptureQueriesContext(connection) as queries:
        yield lambda: [each["sql"] for each in queries if "search_path" not in each["sql"]]


def addresses(tree, now):
    return set(in_segment(tree, scope_at(now)).values_list("email", flat=True))


def test_a_segment_is_saved_clean(segment, now):
    tree = {"kind": "created", "config": {"test": "within", "days": "7", "junk": 1}}
    made = segment("  New   people ", tree)
    made.refresh_from_db()
    assert made.name == "New people"
    assert made.tree == {"kind": "created", "config": {"test": "within", "days": 7}}
    assert made.created_at == made.updated_at == now


@pytest.mark.parametrize(
    ("name", "tree", "code", "field"),
    [
        ("", VIP, "required", "name"),
        ("\x00 ", VIP, "required", "name"),
        ("x" * 81, VIP, "field_too_long", "name"),
        ("vips", VIP, "segment_exists", "name"),
        ("Stars", {"kind": "astrology"}, "unknown_condition", "tree"),
        ("Stars", {"kind": "tag", "config": {"test": "has"}}, "bad_condition", "tag"),
    ],
)
def test_a_bad_segment_is_refused_and_nothing_is_written(segment, name, tree, code, field):
    segment("VIPs")
    with pytest.raises(Invalid) as refusal:
        segment(name, tree)
    assert [(each.code, each.field) for each in refusal.value.problems] == [(code, field)]
    assert Segment.objects.count() == 1


def test_who_is_in_a_segment_is_asked_through_it(segment, contact, now):
    ada, bo = contact("ada@example.com"), contact("bo@example.com")
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    vips = segment("VIPs")
    others = segment("Others", {"not": within(vips)})

    assert addresses(within(vips), now) == {"ada@example.com"}
    assert addresses(within(others), now) == {"bo@example.com"}
    assert describe(within(others)) == "People in the segment “Others”"

    # a change of the inner one is a change of the outer one
    everybody_new = {"kind": "created", "config": {"test": "within", "days": 7}}
    update_segment(segment_id=vips.pk, changes={"tree": everybody_new}, now=now)
    assert addresses(within(others), now) == set()
    assert bo.pk


def test_a_segment_that_is_gone_holds_nobody_and_cannot_be_saved(contact, now):
    contact("ada@example.com")
    tree = {"kind": "in_segment", "config": {"segment": str(uuid4())}}
    assert addresses(tree, now) == set()
    assert describe(tree) == "People in the segment “deleted segment”"
    assert clean_tree(tree)[1][0].code == "bad_condition"


def test_circles_are_refused(segment, now):
    first = segment("First")
    second = segment("Second", within(first))
    third = segment("Third", {"any": [VIP, {"not": within(second)}]})
    for inner in (first, second, third):
        with pytest.raises(Invalid) as refusal:
            update_segment(segment_id=first.pk, changes={"tree": within(inner)}, now=now)
        assert refusal.value.code == "segment_circle"
    first.refresh_from_db()
    assert first.tree == VIP


def test_a_circle_that_is_there_all_the_same_comes_to_an_end(segment, contact, now):
    contact("ada@example.com")
    first = segment("First")
    Segment.objects.filter(pk=first.pk).update(tree=within(first))
    assert addresses(within(first), now) == set()


def test_segments_in_segments_do_not_grow_without_end(segment, now):
    inner = segment("Inner", {"all": [VIP] * 20})
    middle = segment("Middle", {"any": [within(inner)] * 5})
    with pytest.raises(Invalid) as refusal:
        segment("Outer", {"any": [within(middle), *[within(inner)] * 3]})
    assert refusal.value.code == "rule_too_complex"
    # the inner one cannot make the middle one too heavy either
    with pytest.raises(Invalid) as refusal:
        update_segment(segment_id=inner.pk, changes={"tree": {"all": [VIP] * 30}}, now=now)
    assert refusal.value.code == "rule_too_complex"
    assert clean_tree({"any": [within(inner)] * 11})[1][0].code == "rule_too_complex"


def test_a_segment_in_use_stays(segment, now, monkeypatch):
    registry = Registry("segment uses")
    registry.register(SegmentUse("test", lambda pk: ["the map"] if pk == vips.pk else []))
    monkeypatch.setattr("contacts.saved_segments.segment_uses", registry)
    vips = segment("VIPs")
    segment("Friends of VIPs", {"not": within(vips)})

    assert uses_of(vips.pk) == ["the segment “Friends of VIPs”", "the map"]
    with pytest.raises(Invalid) as refusal:
        delete_segment(segment_id=vips.pk)
    assert refusal.value.code == "segment_in_use"
    assert "the segment “Friends of VIPs”, the map" in refusal.value.message
    assert Segment.objects.count() == 2
    assert contracts.segment_uses is not registry


def test_a_segment_nobody_uses_goes(segment):
    vips = segment("VIPs")
    assert delete_segment(segment_id=vips.pk) is True
    assert delete_segment(segment_id=vips.pk) is False


def test_copies_take_the_next_free_name(segment, now):
    vips = segment("VIPs")
    assert duplicate_segment(segment=vips, now=now).name == "VIPs (copy)"
    copy = duplicate_segment(segment=vips, now=now)
    assert (copy.name, copy.tree) == ("VIPs (copy 2)", VIP)
    assert duplicate_segment(segment=segment("x" * 80), now=now).name == "x" * 73 + " (copy)"


def test_counts_say_who_can_be_mailed_and_why_others_cannot(contact, now):
    contact("ada@example.com", email_consent="subscribed")
    contact("bo@example.com", email_consent="subscribed")
    contact("cy@example.com")
    contact("di@example.com", email_consent="pending", created_at=now - timedelta(days=9))
    contact(None, phone="+39061234567", email_consent="subscribed")
    # both reasons: told once
    contact("ed@example.com", email_consent="unsubscribed")
    suppress(addresses=["bo@example.com", "ed@example.com"], reason="bounced", now=now)

    with statements() as asked:
        counts = audience_counts(tree={}, now=now)
    assert len(asked()) == 1
    assert (counts.size, counts.mailable, counts.unreachable) == (6, 1, 5)
    assert counts.not_mailable == {"no_address": 1, "suppressed": 2, "no_consent": 2}

    new = {"kind": "created", "config": {"test": "within", "days": 7}}
    assert audience_counts(tree=new, now=now).size == 5
    with statements() as asked:
        assert sizes([{}, {"any": []}, new, VIP], now=now) == [6, 0, 5, 0]
    assert len(asked()) == 1
    assert sizes([], now=now) == []


def test_another_workspace_has_its_own(segment, globex, now):
    vips = segment("VIPs")
    with tenant_context(globex):
        assert not Segment.objects.exists()
        assert delete_segment(segment_id=vips.pk) is False
        assert create_segment(name="VIPs", tree=VIP, now=now).pk != vips.pk
