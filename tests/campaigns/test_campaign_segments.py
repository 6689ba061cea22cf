"""Campaigns to saved segments; and what a person's timeline says of campaigns."""

from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import launching, queueing
from campaigns.models import Campaign, Message
from contacts.models import Segment
from contacts.saved_segments import create_segment, delete_segment, update_segment
from contacts.timeline import timeline_of
from core.errors import Invalid

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


@pytest.fixture
def vips(acme, now):
    return create_segment(name="Regulars", tree=VIP, now=now)


def test_a_campaign_goes_to_who_is_in_the_segment_at_the_start(
    acme_client, hello, campaign, vips, crowd, now
):
    # given a draft by the page, and a segment changed afterwards
    crowd(2, tag="vip")
    crowd(3, tag="new", word="n")
    acme_client.post(
        "/campaigns/new/",
        {"name": "S", "template": hello.pk, "audience_kind": "segment", "segment": vips.pk},
    )
    spring = Campaign.objects.get()
    assert spring.audience == {"kind": "in_segment", "config": {"segment": str(vips.pk)}}
    page = acme_client.get(f"/campaigns/{spring.pk}/")
    assert page.context["audience_words"] == "People in the segment “Regulars”"
    assert page.context["audience_size"] == 2
    assert acme_client.get(f"/campaigns/{spring.pk}/edit/").context["fields"][
        "segment"
    ].value() == str(vips.pk)
    tree = {"kind": "tag", "config": {"test": "has", "tag": "new"}}
    update_segment(segment_id=vips.pk, changes={"tree": tree}, now=now)
    campaign()  # Acme has a postal address from here on

    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    assert Message.objects.filter(campaign_id=spring.pk).count() == 3


def test_a_segment_stays_while_a_campaign_needs_it(campaign, vips, now):
    spring = campaign(audience_kind="segment", segment=str(vips.pk))
    with pytest.raises(Invalid) as refusal:
        delete_segment(segment_id=vips.pk)
    assert "the campaign “Spring”" in refusal.value.message
    assert Segment.objects.filter(pk=vips.pk).exists()
    launching.delete_campaign(campaign_id=spring.pk)
    assert delete_segment(segment_id=vips.pk)


@pytest.mark.parametrize("segment", ["", "nonsense", "019aa0a0-6c00-7000-8000-000000000001"])
def test_a_segment_there_is_not_is_refused(acme_client, hello, vips, segment):
    answer = acme_client.post(
        "/campaigns/new/",
        {"name": "S", "template": hello.pk, "audience_kind": "segment", "segment": segment},
    )
    assert answer.status_code == 422
    assert "segment" in answer.context["fields"].errors
    assert not Campaign.objects.exists()


def test_a_list_of_campaigns_to_segments_reads_their_names_once(acme_client, campaign, vips):
    counts = []
    for number in range(1, 7):
        campaign(f"C{number}", audience_kind="segment", segment=str(vips.pk))
        if number in (1, 6):
            with CaptureQueriesContext(connection) as seen:
                page = acme_client.get("/campaigns/")
            counts.append(len(seen))
    assert {row["audience"] for row in page.context["rows"]} == {"People in the segment “Regulars”"}
    assert counts[0] == counts[1]


def test_the_timeline_names_the_campaign(campaign, crowd, now):
    [ada] = crowd(1)
    spring = campaign()
    launching.launch_campaign(campaign_id=spring.pk, now=now)
    queueing.write_slice(now)
    Message.objects.update(status="accepted", sent_at=now)
    assert told(ada) == [("Got “Hello”", "Campaign “Spring”")]
    launching.cancel_campaign(campaign_id=spring.pk, now=now)
    Message.objects.update(status="skipped", reason_text="Too late.", sent_at=None)
    assert told(ada) == [("“Hello”: Not sent", "Campaign “Spring” · Too late.")]


def told(contact):
    days = timeline_of(contact, zone=ZoneInfo("UTC"), kind="messages").days
    return [(entry.title, entry.detail) for _day, entries in days for entry in entries]
