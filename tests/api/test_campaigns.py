"""Campaigns by API: written, sent once, paused, cancelled; numbers that add up."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from campaigns.models import Campaign, Message
from contacts.lane import drain_bulk_lane
from contacts.models import Contact, Segment


@pytest.fixture
def news(api, acme, template):
    acme.postal_address = "Via Roma 1"
    acme.save()
    return template("News")


@pytest.fixture
def ada(api, now):
    return Contact.objects.create(
        email="ada@example.com", email_consent="subscribed", created_at=now - timedelta(days=1)
    )


def body(template, **changed):
    return {
        "name": "Spring",
        "template_id": str(template.pk),
        "audience": {"kind": "everyone"},
        **changed,
    }


def write(api, template, **changed):
    return api.post("/campaigns", body(template, **changed))


def test_a_campaign_is_written_sent_and_read(api, news, ada):
    made = write(api, news)
    assert made.status_code == 201
    shown = made.json()
    assert {key: shown[key] for key in ("name", "status", "audience_words", "send_at")} == {
        "name": "Spring",
        "status": "draft",
        "audience_words": "All subscribers",
        "send_at": None,
    }
    path = f"/campaigns/{shown['id']}"
    assert api.get(path).json() == shown
    assert api.get("/campaigns").json()["results"] == [shown]
    assert api.get("/campaigns?status=sent").json()["results"] == []

    sent = api.post(f"{path}/send")
    assert (sent.status_code, sent.json()["status"]) == (200, "queueing")
    # sending twice is sending once
    again = api.post(f"{path}/send")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")

    from django.utils import timezone

    drain_bulk_lane(clock=timezone.now)
    assert Message.objects.count() == 1
    report = api.get(f"{path}/report").json()
    assert (report["numbers"]["recipients"], report["numbers"]["waiting"]) == (1, 1)
    assert report["rates"]["opened"] is None
    assert report["rates"]["sent"] == 0


def test_pause_resume_cancel(api, news, ada):
    from django.utils import timezone

    path = f"/campaigns/{write(api, news).json()['id']}"
    refused = api.post(f"{path}/pause")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    api.post(f"{path}/send")
    drain_bulk_lane(clock=timezone.now)
    assert api.post(f"{path}/pause").json()["status"] == "paused"
    assert Message.objects.get().status == "held"
    assert api.post(f"{path}/resume").json()["status"] == "sending"
    assert api.post(f"{path}/cancel").json()["status"] == "cancelled"
    reasons = api.get(f"{path}/report").json()["reasons"]
    assert [(each["status"], each["code"], each["count"]) for each in reasons] == [
        ("skipped", "campaign_cancelled", 1)
    ]


def test_what_is_missing_is_listed(api, acme, news):
    acme.postal_address = ""
    acme.save()
    path = f"/campaigns/{write(api, news).json()['id']}"
    answer = api.post(f"{path}/send")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert {each["code"] for each in answer.json()["errors"]} == {
        "audience_empty",
        "no_postal_address",
    }
    assert Campaign.objects.get().status == "draft"


def test_it_waits_for_its_time(api, news, ada):
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        made = write(api, news, send_at="2026-11-27T09:00:00+01:00").json()
        assert made["send_at"] == "2026-11-27T08:00:00Z"
        sent = api.post(f"/campaigns/{made['id']}/send")
    assert sent.json()["status"] == "scheduled"


def test_audiences(api, news, now):
    segment = Segment.objects.create(name="Vips", tree={})
    tree = {"all": [{"kind": "consent", "config": {"state": "subscribed"}}]}
    for audience, expected in (
        ({"kind": "tag", "tag": "vip"}, "People with the tag “vip”"),
        ({"kind": "segment", "segment": str(segment.pk)}, "People in the segment “Vips”"),
        ({"kind": "conditions", "tree": tree}, "People who are subscribed to email"),
        ({"kind": "conditions", "tree": {}}, "Everybody"),
    ):
        made = write(api, news, audience=audience)
        assert (made.status_code, made.json()["audience_words"]) == (201, expected)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"template_id": str(uuid4())}, "template_id"),
        ({"template_id": "1"}, "template_id"),
        ({"audience": {"kind": "everyone", "tag": "x"}}, "audience.tag"),
        ({"audience": {"kind": "tag"}}, "audience.tag"),
        ({"audience": {"kind": "segment", "segment": str(uuid4())}}, "segment"),
        ({"audience": {"kind": "conditions", "tree": {"kind": "no"}}}, None),
        ({"audience": "everyone"}, "audience"),
        ({"send_at": "2026-11-27T09:00:00"}, "send_at"),
        ({"send_at": "2020-11-27T09:00:00Z"}, "send_at"),
        ({"send_at": "9999-12-31T23:59:59-12:00"}, "send_at"),
        ({"send_at": 5}, "send_at"),
        ({"status": "sent"}, "status"),
    ],
)
def test_bad_drafts_are_refused(api, news, changed, field):
    answer = write(api, news, **changed)
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert errors
    assert field is None or field in {each.get("field") for each in errors}
    assert not Campaign.objects.exists()


def test_a_key_needs_the_scope(api, integrator, acme, key_of, news):
    campaign = write(api, news).json()["id"]
    reader = integrator(acme, key_of(acme, "campaigns:read")[1])
    assert reader.get(f"/campaigns/{campaign}").status_code == 200
    for answer in (
        reader.post("/campaigns", body(news)),
        reader.post(f"/campaigns/{campaign}/send"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert integrator(acme, key_of(acme, "messages:write")[1]).get("/campaigns").status_code == 403
    assert Campaign.objects.get().status == "draft"


def test_globex_s_campaigns_look_like_missing_ones(api, integrator, globex, key_of, news, acme):
    campaign = write(api, news).json()["id"]
    connection.set_tenant(globex)
    theirs = integrator(globex, key_of(globex)[1])
    for method, path in (("GET", ""), ("GET", "/report"), ("POST", "/send"), ("POST", "/cancel")):
        answer = theirs(method, f"/campaigns/{campaign}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert theirs.get("/campaigns").json()["results"] == []
    # and another workspace's mail is no mail here
    assert theirs.post("/campaigns", body(news)).json()["code"] == "template_not_found"
