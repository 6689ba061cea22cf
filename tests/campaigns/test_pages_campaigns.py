"""The pages of campaigns: writing one, looking once more, sending it, and what became of it."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import launching, sending
from campaigns.campaign_forms import moment_in
from campaigns.contracts import MessageResult, Result, message_results
from campaigns.models import Campaign, Message
from campaigns.report import FIGURES, numbers_of
from contacts.lane import drain_bulk_lane
from contacts.models import Contact
from events.drain import drain as drain_events
from events.services import record


@pytest.fixture(autouse=True)
def _noon(now):
    with time_machine.travel(now, tick=False):
        yield


def page(client, route, campaign=None, **query):
    args = [campaign.pk] if campaign else []
    return client.get(reverse(f"campaigns:{route}", args=args), query)


def post(client, route, campaign=None, **data):
    args = [campaign.pk] if campaign else []
    return client.post(reverse(f"campaigns:{route}", args=args), data)


def text(response):
    return response.content.decode()


def queries(client, *args, **query):
    with CaptureQueriesContext(connection) as seen:
        response = page(client, *args, **query)
    assert response.status_code == 200
    return len([each for each in seen if "search_path" not in each["sql"]])


@pytest.fixture
def written(campaign, crowd, now):
    """`written(3, tag="vip")`: a campaign whose messages are written."""

    def make(count, **chosen):
        crowd(count, tag=chosen.get("tag", ""))
        made = campaign(**chosen)
        launching.launch_campaign(campaign_id=made.pk, now=now)
        drain_bulk_lane(clock=lambda: now)
        made.refresh_from_db()
        return made

    return make


# --- writing one


def filled(hello, **changed):
    return {
        "name": "Spring", "template": hello.pk, "audience_kind": "everyone", "tag": "",
        "when": "now", "send_date": "", "send_time": "", **changed,
    }  # fmt: skip


def test_the_list_is_empty_at_first(acme_client):
    assert "No campaign yet" in text(page(acme_client, "campaigns"))


def test_without_a_mail_there_is_nothing_to_send(acme_client):
    from campaigns.models import Template

    Template.objects.update(live_version=None)
    Template.objects.all().delete()
    assert "Write a mail first" in text(page(acme_client, "campaign_new"))


def test_from_a_blank_page_to_a_mail_in_the_post(acme_client, acme, office, hello, crowd, now):
    # given two friends and a third who never agreed
    acme.postal_address = "Via Roma 1"
    acme.save()
    crowd(2, tag="friends")
    crowd(1, tag="friends", word="no", email_consent="none")

    # when the owner writes a campaign to the tag
    answer = post(acme_client, "campaign_new", **filled(hello, audience_kind="tag", tag="friends"))
    spring = Campaign.objects.get()
    assert answer["Location"] == f"/campaigns/{spring.pk}/"
    assert spring.created_by_name == "Acme Owner"

    # then the review counts them with reasons
    review = page(acme_client, "campaign", spring)
    assert [(str(each["label"]), each["count"]) for each in review.context["counts"]] == [
        ("Will get it", 2),
        ("No consent", 1),
    ]
    assert (review.context["audience_size"], review.context["is_ready"]) == (3, True)
    assert "Send to 2 people now" in text(review)

    # when it is sent
    assert post(acme_client, "campaign_send", spring)["Location"] == f"/campaigns/{spring.pk}/"
    drain_bulk_lane(clock=lambda: now)
    sending.drain(workspace=acme, clock=lambda: now)
    launching.finish_sent(now=now)

    # then the report says so
    report = page(acme_client, "campaign", spring)
    assert (len(office.taken), report.context["recipients"]) == (2, "3")
    assert "every 3s" not in text(report)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"template": "nonsense"}, "template"),
        ({"template": "019aa0a0-6c00-7000-8000-000000000001"}, "template"),
        ({"audience_kind": "tag"}, "tag"),
        ({"audience_kind": "all"}, "audience_kind"),
        ({"when": "at"}, "send_date"),
        ({"when": "at", "send_date": "2026-11-27"}, "send_time"),
        ({"when": "at", "send_date": "27/11/2026", "send_time": "09:00"}, "send_date"),
        ({"when": "at", "send_date": "2026-11-27", "send_time": "25:00"}, "send_time"),
        ({"when": "at", "send_date": "2026-11-20", "send_time": "12:59"}, "send_time"),
        ({"when": "at", "send_date": "2026-11-19", "send_time": "23:59"}, "send_date"),
        ({"when": "at", "send_date": "0001-01-01", "send_time": "00:00"}, "send_date"),
        ({"when": "at", "send_date": "9999-12-31", "send_time": "23:59"}, "send_date"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_saved(
    acme_client, hello, changed, field
):
    answer = post(acme_client, "campaign_new", **filled(hello, **changed))
    assert answer.status_code == 422
    assert field in answer.context["fields"].errors
    assert not Campaign.objects.exists()


def test_a_time_is_the_workspace_s_own_and_shown_again(acme_client, acme, hello):
    post(
        acme_client,
        "campaign_new",
        **filled(hello, when="at", send_date="2026-11-27", send_time="09:00"),
    )
    spring = Campaign.objects.get()
    assert spring.send_at == datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    assert page(acme_client, "campaign", spring).context["when_words"] == (
        "Fri 27 Nov 2026, 09:00 (Europe/Rome)"
    )
    fields = page(acme_client, "campaign_edit", spring).context["fields"]
    assert (fields["when"].value(), fields["send_time"].value()) == ("at", time(9, 0))


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        # a time the clocks skip moves forward by the gap
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        # of a time that comes twice it is the first
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_summer_time_is_one_moment(day, at, expected):
    assert moment_in(ZoneInfo("Europe/Rome"), day, at) == expected


def test_a_started_one_is_not_edited(acme_client, hello, written):
    spring = written(1)
    before = Campaign.objects.values().get()
    answer = post(acme_client, "campaign_edit", spring, **filled(hello, name="Other"))
    assert answer["Location"] == f"/campaigns/{spring.pk}/"
    assert Campaign.objects.values().get() == before


def test_what_is_missing_is_listed_and_there_is_no_button(acme_client, acme, campaign):
    spring = campaign()
    acme.postal_address = ""
    acme.save()
    review = page(acme_client, "campaign", spring)
    bad = [check.code for check in review.context["checks"] if check.tone == "bad"]
    assert bad == ["audience_empty", "no_postal_address"]
    assert reverse("campaigns:campaign_send", args=[spring.pk]) not in text(review)
    # and whoever posts anyway is told
    answer = acme_client.post(reverse("campaigns:campaign_send", args=[spring.pk]), follow=True)
    assert "Your postal address is missing" in text(answer)
    spring.refresh_from_db()
    assert spring.status == "draft"


def test_every_number_before_sending_is_the_length_of_its_list(
    acme_client, acme, office, campaign, crowd, mail, hello, now
):
    # given an audience in which everything happens
    from contacts.consent import suppress

    acme.cap_messages = 1
    acme.save()
    crowd(3, tag="vip")
    crowd(1, tag="vip", word="none", email_consent="none")
    crowd(2, tag="vip", word="dead")
    crowd(1, tag="vip", email=None)
    full, had = crowd(1, tag="vip", word="full") + crowd(1, tag="vip", word="had")
    suppress(addresses=["dead0000@example.com", "dead0001@example.com"], reason="bounced", now=now)
    other = mail("Other")
    for person, template in ((full, other), (had, hello)):
        Message.objects.create(
            send_key=f"k{person.pk}", contact=person, lane=2, status="accepted", sent_at=now,
            template_version=template.live_version, to_address=person.email,
        )  # fmt: skip
    Message.objects.filter(contact=had).update(sent_at=now - timedelta(days=90))
    spring = campaign(tag="vip")

    review = page(acme_client, "campaign", spring)
    counts = {str(each["label"]): each for each in review.context["counts"]}
    assert {label: each["count"] for label, each in counts.items()} == {
        "Will get it": 3,
        "No address": 1,
        "Address blocked": 2,
        "No consent": 1,
        "Had this mail before": 1,
        "Had enough mail for now; it waits": 1,
    }
    assert sum(each["count"] for each in counts.values()) == review.context["audience_size"] == 9
    for each in counts.values():
        listed = acme_client.get(each["url"])
        assert (listed.context["total"], len(listed.context["rows"])) == (each["count"],) * 2
    assert page(acme_client, "campaign_audience", spring).context["total"] == 9
    assert page(acme_client, "campaign_audience", spring, standing="x").status_code == 404


def test_the_head_count_is_one_statement(campaign, crowd, now):
    from campaigns.audience import head_counts

    crowd(5)
    spring = Campaign.objects.select_related("template__live_version").get(pk=campaign().pk)
    with CaptureQueriesContext(connection) as seen:
        counts = head_counts(spring, now)
    assert counts[""] == 5
    assert len([each for each in seen if "search_path" not in each["sql"]]) == 1


def test_a_test_goes_to_an_address_filled_in_for_somebody(
    acme_client, acme, office, campaign, crowd, now
):
    [ada] = crowd(1, first_name="Augusta")
    spring = campaign()
    post(acme_client, "campaign_test", spring, to="me@example.com", contact=str(ada.pk))
    post(acme_client, "campaign_test", spring, to="no address")
    sending.drain(workspace=acme, clock=lambda: now)
    [envelope] = office.taken
    assert envelope.rcpt_tos == ["me@example.com"]
    assert b"Hello Augusta" in envelope.content
    # and it is no message of the campaign
    assert numbers_of([spring.pk])[spring.pk]["recipients"] == 0


# --- on its way


def test_it_polls_while_it_moves_and_stops_when_it_is_done(acme_client, acme, office, written, now):
    spring = written(2)
    assert "every 3s" in text(page(acme_client, "campaign", spring))
    partial = page(acme_client, "campaign_progress", spring)
    assert "every 3s" in text(partial)
    assert "<html" not in text(partial)
    sending.drain(workspace=acme, clock=lambda: now)
    launching.finish_sent(now=now)
    assert "every 3s" not in text(page(acme_client, "campaign_progress", spring))


def test_pause_resume_and_cancel_by_their_buttons(acme_client, written):
    spring = written(2)
    post(acme_client, "campaign_pause", spring)
    report = page(acme_client, "campaign", spring)
    assert "Nothing leaves until you resume." in text(report)
    assert "every 3s" not in text(report)
    post(acme_client, "campaign_resume", spring)
    spring.refresh_from_db()
    assert spring.status == "sending"
    # cancelling asks first
    assert "This cannot be undone." in text(page(acme_client, "campaign_cancel", spring))
    spring.refresh_from_db()
    assert spring.status == "sending"
    post(acme_client, "campaign_cancel", spring)
    assert Counter(Message.objects.values_list("status", "reason")) == {
        ("skipped", "campaign_cancelled"): 2
    }


def test_a_draft_is_deleted_once_asked_and_a_copy_is_a_draft(acme_client, campaign):
    spring = campaign()
    post(acme_client, "campaign_duplicate", spring)
    copy = Campaign.objects.exclude(pk=spring.pk).get()
    assert (copy.name, copy.status, copy.created_by_name) == (
        "Spring (copy)",
        "draft",
        "Acme Owner",
    )
    assert "thrown away" in text(page(acme_client, "campaign_delete", copy))
    post(acme_client, "campaign_delete", copy)
    assert Campaign.objects.get() == spring


# --- afterwards


@pytest.fixture
def aftermath(written, now):
    """A campaign to a dozen people, to whom everything happened."""
    spring = written(12)
    fates = [
        {"status": "accepted", "sent_at": now},
        {"status": "delivered", "sent_at": now, "delivered_at": now},
        {"status": "delivered", "sent_at": now, "opened_at": now},
        {"status": "delivered", "sent_at": now, "opened_at": now, "clicked_at": now},
        {"status": "delivered", "sent_at": now, "machine_opened_at": now},
        {"status": "accepted", "sent_at": now, "opened_at": now, "unsubscribed_at": now},
        {"status": "complained", "sent_at": now},
        {"status": "bounced", "sent_at": now},
        {"status": "failed", "reason": "refused", "reason_text": "550 no such user"},
        {"status": "skipped", "reason": "no_consent", "reason_text": "No."},
        {"status": "in_doubt", "reason": "cut_off"},
        {"status": "deferred", "reason": "frequency_cap"},
    ]
    messages = list(Message.objects.order_by("id"))
    for message, fate in zip(messages, fates, strict=True):
        Message.objects.filter(pk=message.pk).update(**fate)
    # one of them was erased since
    Message.objects.filter(pk=messages[2].pk).update(contact=None, to_address="")
    return spring


def test_the_figures_by_the_formulas(acme_client, aftermath):
    numbers = numbers_of([aftermath.pk])[aftermath.pk]
    assert numbers == {
        "recipients": 12, "waiting": 1, "sent": 8, "delivered": 7, "bounced": 1, "opened": 3,
        "machine_opened": 1, "clicked": 1, "unsubscribed": 1, "complained": 1, "skipped": 1,
        "failed": 1, "in_doubt": 1,
    }  # fmt: skip
    settled = ("sent", "skipped", "failed", "in_doubt", "waiting")
    assert numbers["recipients"] == sum(numbers[name] for name in settled)
    shown = page(acme_client, "campaign", aftermath).context["figures"]
    assert {str(each["label"]): (each["count"], each["share"]) for each in shown} == {
        "Sent": ("8", "66.7%"),
        "Delivered": ("7", "87.5%"),
        "Bounced": ("1", "12.5%"),
        "Opened": ("3", "42.9%"),
        "Opened by machines only": ("1", "14.3%"),
        "Clicked": ("1", "14.3%"),
        "Unsubscribed": ("1", "14.3%"),
        "Marked as spam": ("1", "14.3%"),
    }


def test_every_number_opens_as_many_people(acme_client, aftermath):
    numbers = numbers_of([aftermath.pk])[aftermath.pk]
    for what in FIGURES:
        listed = page(acme_client, "campaign_people", aftermath, what=what)
        assert (listed.context["total"], len(listed.context["rows"])) == (numbers[what],) * 2
    for reason in page(acme_client, "campaign", aftermath).context["reasons"]:
        listed = acme_client.get(reason["url"])
        assert str(listed.context["total"]) == reason["count"] == "1"


def test_the_list_pages_without_a_gap(acme_client, aftermath, monkeypatch):
    monkeypatch.setattr("campaigns.views.campaign_report.PAGE_SIZE", 5)
    url, seen = f"/campaigns/{aftermath.pk}/people/", []
    query = "?what=recipients"
    while query:
        listed = acme_client.get(url + query)
        seen += [row.pk for row in listed.context["rows"]]
        query = listed.context["next_url"]
    assert seen == list(Message.objects.order_by("-id").values_list("pk", flat=True))


@pytest.mark.parametrize("query", [{"what": "x"}, {"what": "\x00"}, {"what": "result"}])
def test_a_figure_there_is_not_is_missing(acme_client, aftermath, query):
    assert page(acme_client, "campaign_people", aftermath, **query).status_code == 404


@pytest.mark.parametrize(
    "query", [{"link": "x"}, {"link": "99999999"}, {"before": "x"}, {"reason": ""}]
)
def test_nonsense_narrows_nothing(acme_client, aftermath, query):
    assert page(acme_client, "campaign_people", aftermath, **query).context["total"] == 12


def test_links_count_people_and_open_them(acme_client, written, now):
    # given a link clicked by two people, one of them twice, and by a scanner
    spring = written(3)
    messages = list(Message.objects.order_by("id"))
    Message.objects.update(status="accepted", sent_at=now)
    clicks = [(0, 0, False), (1, 0, False), (1, 7, False), (2, 0, True)]
    for number, link, machine in clicks:
        message = messages[number]
        record(
            type="message.clicked", contact_id=message.contact_id, now=now,
            message_id=f"{number}-{link}",
            data={"message_id": str(message.pk), "machine": machine, "link": link, "url": "u"},
        )  # fmt: skip
    drain_events(now=now)

    report = page(acme_client, "campaign", spring)
    links = {each["index"]: each for each in report.context["links"]}
    assert {index: (each["url"], each["people"]) for index, each in links.items()} == {
        0: ("https://acme.example/shop", "2"),
        7: ("", "1"),
    }
    for index, expected in ((0, {messages[0].pk, messages[1].pk}), (7, {messages[1].pk})):
        listed = acme_client.get(links[index]["list_url"])
        assert {row.pk for row in listed.context["rows"]} == expected
    assert "A link of each person's own" in text(report)


def test_unsubscribing_by_the_mail_counts_for_its_campaign(client_of, acme, written, now):
    from contacts.links import make_contact_token

    spring = written(2)
    message = Message.objects.order_by("id").first()
    Message.objects.update(status="accepted", sent_at=now)
    token = make_contact_token(message.contact_id, message.pk)
    client_of(acme).post(
        reverse("capture:unsubscribe", args=[token]), {"List-Unsubscribe": "One-Click"}
    )
    drain_events(now=now)
    message.refresh_from_db()
    assert message.unsubscribed_at == now
    assert numbers_of([spring.pk])[spring.pk]["unsubscribed"] == 1


def test_what_a_higher_floor_counts_is_shown_while_it_counts(acme_client, aftermath, monkeypatch):
    # given a floor that counts orders, and a campaign that brought none
    plain = page(acme_client, "campaign", aftermath)
    assert [each["orders"] for each in plain.context["results"]] == ["0"]

    # when it counts two
    buyer = Contact.objects.order_by("pk").first()
    orders = MessageResult(
        "orders", "Orders", lambda ids: {pk: Result(2, Decimal("59.90"), "EUR") for pk in ids},
        lambda _pk: Contact.objects.filter(pk=buyer.pk).values_list("pk", flat=True),
    )  # fmt: skip
    monkeypatch.setitem(message_results._items, "orders", orders)
    report = page(acme_client, "campaign", aftermath)
    [shown] = report.context["results"]
    assert (shown["orders"], shown["value"]) == ("2", "€59.90")
    assert acme_client.get(shown["url"]).context["total"] == 1
    assert "€59.90" in text(page(acme_client, "campaigns"))


def test_the_list_costs_the_same_however_long(acme_client, aftermath, campaign, mail, now):
    few = queries(acme_client, "campaigns")
    for number in range(8):
        made = campaign(f"More {number}", tag="vip")
        Campaign.objects.filter(pk=made.pk).update(started_at=now, status="sent")
    assert queries(acme_client, "campaigns") == few <= 12
    assert queries(acme_client, "campaign", aftermath) <= 12
    assert queries(acme_client, "campaign_people", aftermath) <= 12
    assert queries(acme_client, "campaign", Campaign.objects.get(pk=campaign().pk)) <= 20


def test_globex_sees_and_does_nothing(globex_client, globex, acme, aftermath):
    names = ("campaign", "campaign_progress", "campaign_people", "campaign_audience",
             "campaign_edit", "campaign_cancel", "campaign_delete")  # fmt: skip
    for name in names:
        assert page(globex_client, name, aftermath).status_code == 404
    acts = ("send", "pause", "resume", "cancel", "duplicate", "delete", "unschedule", "test")
    for act in acts:
        assert post(globex_client, f"campaign_{act}", aftermath).status_code == 404
    assert "No campaign yet" in text(page(globex_client, "campaigns"))


def test_a_viewer_reads_and_changes_nothing(client_of, acme, aftermath):
    from django_tenants.utils import get_public_schema_name, schema_context

    from tenants.models import User

    with schema_context(get_public_schema_name()):
        viewer = User.objects.create_user("v@acme.example", "correct horse battery", name="V")
        acme.memberships.create(user=viewer, role="viewer")
    client = client_of(acme, viewer)
    report = page(client, "campaign", aftermath)
    assert report.status_code == 200
    assert "Pause" not in text(report)
    assert page(client, "campaign_new").status_code == 403
    assert post(client, "campaign_pause", aftermath).status_code == 403
    aftermath.refresh_from_db()
    assert aftermath.status == "sending"
