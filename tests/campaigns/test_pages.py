"""The pages of messages: lists whose numbers agree, one message's story, deciding on doubts."""

from datetime import timedelta

import pytest

from campaigns import claims
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from events.services import record


@pytest.fixture
def in_state(hello, subscriber, now):
    """`in_state("skipped", ...)`: a message in this state."""

    def make(status, email="ada@example.com", lane=1, **fields):
        from contacts.models import Contact

        person = Contact.objects.filter(email=email).first() or subscriber(email)
        key = f"k{Message.objects.count()}"
        queue_messages(
            messages=[NewMessage(key, person.pk, hello.live_version_id, lane=lane)], now=now
        )
        Message.objects.filter(send_key=key).update(status=status, **fields)
        return Message.objects.get(send_key=key)

    return make


def test_the_list_is_empty_at_first(acme_client):
    page = acme_client.get("/messages/")
    assert page.status_code == 200
    assert "No message yet" in page.content.decode()


def test_every_number_is_the_length_of_its_list(acme_client, in_state):
    # given messages in every state, of two kinds
    for status in Message.Status.values:
        in_state(status)
    in_state("skipped", lane=0)
    in_state("in_doubt", email="bob@example.com")

    for filters in ({}, {"kind": "1"}, {"q": "bob@"}, {"kind": "0", "q": "ada"}):
        groups = acme_client.get("/messages/", filters).context["groups"]
        for group in groups:
            # when a number is followed
            page = acme_client.get(f"/messages/{group['url']}")
            # then the list has as many rows
            assert len(page.context["rows"]) == group["count"], (filters, group)
    assert [group["count"] for group in acme_client.get("/messages/").context["groups"]] == [
        15,
        6,
        2,
        2,
        3,
        2,
    ]


def test_the_list_pages_by_cursor_without_a_gap(acme_client, in_state, monkeypatch):
    monkeypatch.setattr("campaigns.listing.PAGE_SIZE", 3)
    made = [in_state("accepted").pk for _number in range(7)]
    url, seen = "/messages/?status=sent", []
    while url:
        page = acme_client.get(url)
        seen += [row.pk for row in page.context["rows"]]
        url = page.context["next_url"] and f"/messages/{page.context['next_url']}"
    assert seen == list(reversed(made))


@pytest.mark.parametrize("query", ["status=nonsense", "kind=9", "before=x", "contact=1", "q=%00"])
def test_nonsense_narrows_nothing(acme_client, in_state, query):
    in_state("accepted")
    page = acme_client.get(f"/messages/?{query}")
    assert (page.status_code, len(page.context["rows"])) == (200, 1)


def test_globex_sees_nothing_of_acme(globex_client, in_state, globex):
    message = in_state("in_doubt")
    for path in (f"/messages/{message.pk}/", f"/messages/{message.pk}/mail"):
        assert globex_client.get(path).status_code == 404
    assert globex_client.post(f"/messages/{message.pk}/resolve/").status_code == 404
    assert globex_client.get("/messages/").context["rows"] == []


def test_one_message_tells_its_story_with_machines_apart(acme_client, in_state, now):
    # given a message sent, fetched by a scanner, then opened and clicked by a person
    message = in_state("accepted", sent_at=now)
    seen = [
        ("message.opened", True, {}),
        ("message.clicked", True, {"url": "https://acme.example/shop"}),
        ("message.opened", False, {}),
        ("message.clicked", False, {"url": "https://acme.example/shop"}),
    ]
    for minutes, (kind, machine, data) in enumerate(seen, start=1):
        record(
            type=kind,
            contact_id=message.contact_id,
            data={"message_id": str(message.pk), "machine": machine, **data},
            now=now + timedelta(minutes=minutes),
        )

    page = acme_client.get(f"/messages/{message.pk}/")

    assert [(each.title, each.detail) for each in page.context["moments"]] == [
        ("Queued", ""),
        ("Sent", ""),
        ("Opened by a machine", ""),
        ("Link fetched by a machine", "https://acme.example/shop"),
        ("Opened", ""),
        ("Link clicked", "https://acme.example/shop"),
    ]


def test_a_message_that_was_not_sent_says_why(acme_client, in_state):
    message = in_state("skipped", reason="no_consent", reason_text="Ada said no.")
    page = acme_client.get(f"/messages/{message.pk}/").content.decode()
    assert "Not sent" in page
    assert "Ada said no." in page


def test_the_mail_is_shown_in_a_frame_that_may_do_nothing(acme_client, in_state):
    message = in_state("accepted")
    answer = acme_client.get(f"/messages/{message.pk}/mail")
    assert "Dear Ada" in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox allow-popups ")
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_message_of_an_erased_person_is_still_a_page(acme_client, in_state, now):
    from contacts.erasure import erase_contact

    message = in_state("accepted")
    erase_contact(contact_id=message.contact_id, now=now)
    for path in ("", f"{message.pk}/", f"{message.pk}/mail"):
        assert acme_client.get(f"/messages/{path}").status_code == 200


def test_a_doubt_is_decided_once(acme_client, in_state):
    # given two messages nobody knows the fate of
    first, second = in_state("in_doubt"), in_state("in_doubt")
    page = acme_client.get("/messages/in-doubt/")
    assert [row.pk for row in page.context["rows"]] == [first.pk, second.pk]
    assert "in doubt" in page.content.decode()

    # when one is sent again and the other counted as sent
    acme_client.post(f"/messages/{first.pk}/resolve/", {"again": "1"})
    acme_client.post(f"/messages/{second.pk}/resolve/", {"again": "0"})
    for message in (first, second):
        message.refresh_from_db()
    assert (first.status, second.status) == ("queued", "accepted")

    # then deciding once more changes nothing
    answer = acme_client.post(f"/messages/{second.pk}/resolve/", {"again": "1"}, follow=True)
    second.refresh_from_db()
    assert second.status == "accepted"
    assert "settled this message already" in answer.content.decode()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example"])
def test_deciding_leads_to_no_foreign_page(acme_client, in_state, back):
    message = in_state("in_doubt")
    answer = acme_client.post(f"/messages/{message.pk}/resolve/", {"next": back})
    assert answer["Location"] == "/messages/in-doubt/"


def test_a_viewer_reads_and_decides_nothing(acme, client_of, in_state):
    from tenants.models import Membership, User

    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=viewer, workspace=acme, role="viewer")
    message = in_state("in_doubt")
    client = client_of(acme, viewer)
    assert client.get("/messages/").status_code == 200
    assert client.post(f"/messages/{message.pk}/resolve/", {"again": "1"}).status_code == 403
    message.refresh_from_db()
    assert message.status == "in_doubt"
    assert claims.next_due() is None
