"""Links, the pixel and the mail in the browser, by real requests: reading changes nothing."""

import json
import re
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine

from campaigns import sending, tracking
from campaigns.messages import NewMessage, queue_messages
from campaigns.models import Message
from campaigns.services import TemplateDraft, save_template
from contacts.consent import record_consent
from contacts.erasure import erase_contact
from contacts.models import ConsentEntry, Contact, Suppression
from events.models import Event

PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CASES = {
    case["id"]: case["expect"]
    for line in (Path(__file__).parents[1] / "cases" / "bad_inputs_links.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
    for case in [json.loads(line)]
}
EXACT = "https://acme.example/x?q=a&b=1&c=%20%E2%82%AC+d#frag"
PERSONAL = "https://acme.example/me?who={{ contact.email }}"
LINKS_HTML = (
    '<p><a href="https://acme.example/x?q=a&amp;b=1&amp;c=%20%E2%82%AC+d#frag">one</a>'
    f'<a href="{PERSONAL}">two</a><a href="mailto:hi@acme.example">three</a>'
    '<a href="tel:+39061">four</a><a href="#top">five</a><a href="">six</a></p>'
)


@pytest.fixture
def delivered(acme, office, subscriber, now):
    """A mail with every kind of link, sent to Ada a minute ago; its parsed MIME."""
    template = save_template(
        draft=TemplateDraft(
            name="Links",
            subject="Links",
            body=[
                {"kind": "html", "settings": {"html": LINKS_HTML}},
                {"kind": "footer", "settings": {}},
            ],
        ),
        now=now,
    )
    ada = subscriber("ada@example.com")
    queue_messages(messages=[NewMessage("one", ada.pk, template.live_version_id)], now=now)
    sending.drain(workspace=acme, clock=lambda: now)
    [envelope] = office.taken
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        yield message_from_bytes(envelope.content, policy=policy.default)


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def hrefs(mail):
    return [unescape(found) for found in re.findall(r'href="([^"]*)"', html_of(mail))]


def clicks(mail):
    return [urlsplit(found).path for found in hrefs(mail) if "/r/" in found]


def pixel(mail):
    [found] = re.findall(r'src="([^"]*/o/[^"]*)"', html_of(mail))
    return urlsplit(found).path


@pytest.fixture
def reader(acme, client_of):
    """Somebody's browser, not signed in."""

    def get(path, agent=PERSON, method="get", workspace=acme):
        return getattr(client_of(workspace), method)(path, headers={"user-agent": agent})

    return get


def recorded():
    events = Event.objects.filter(type__in=["message.opened", "message.clicked"]).order_by("id")
    return [(event.type, event.data["machine"]) for event in events]


def facts():
    """Everything that says who somebody is and what they allow."""
    return (
        list(Contact.objects.order_by("pk").values()),
        list(ConsentEntry.objects.order_by("pk").values()),
        list(Suppression.objects.order_by("pk").values()),
        list(Message.objects.order_by("pk").values()),
    )


def test_the_collected_cases_are_all_here():
    assert sorted(CASES) == ["BI154", "BI184", "BI186", "BI187", "BI191"]


def test_bi154_links_lead_to_the_exact_address_and_others_are_left_alone(delivered, reader):
    # given the links of a mail
    first, second = clicks(delivered)

    # when they are followed, then each leads to what its owner wrote, byte for byte
    assert reader(first)["Location"] == EXACT
    assert reader(second)["Location"] == "https://acme.example/me?who=ada@example.com"
    # and what leads nowhere on the web was not touched
    found = hrefs(delivered)
    for address in ("mailto:hi@acme.example", "tel:+39061", "#top", ""):
        assert address in found


def test_bi184_a_changed_token_leads_nowhere(delivered, reader):
    path = clicks(delivered)[0]
    prefix, token, index = path.rsplit("/", 2)
    assert prefix == "/r"
    for at in range(len(token)):
        other = "A" if token[at] != "A" else "B"
        answer = reader(f"/r/{token[:at]}{other}{token[at + 1 :]}/{index}")
        assert (answer.status_code, "Location" in answer) == (404, False), at
    assert reader(f"/r/{token}/99").status_code == 404
    assert reader(f"/r/{token}x/{index}").status_code == 404
    assert reader(f"/v/{token[:-1]}").status_code == 404
    assert recorded() == []


def test_bi186_a_token_of_acme_is_nothing_to_globex(delivered, reader, globex):
    for path in [*clicks(delivered), f"/v/{clicks(delivered)[0].split('/')[2]}"]:
        assert reader(path, workspace=globex).status_code == 404
    # the pixel is always the same picture, and tells nothing
    assert reader(pixel(delivered), workspace=globex).status_code == 200
    assert recorded() == []


def test_bi187_links_of_an_erased_person_still_lead_on_and_record_nothing(delivered, reader, now):
    # given a mail whose reader was erased
    first, second = clicks(delivered)
    erase_contact(contact_id=Contact.objects.get().pk, now=now)

    # then links that are the same for everyone lead on; one that held their data is gone with it
    assert reader(first)["Location"] == EXACT
    assert reader(second).status_code == 404
    assert reader(pixel(delivered)).status_code == 200
    assert recorded() == []


def test_bi191_a_link_opened_over_and_over_is_one_click(delivered, reader):
    path = clicks(delivered)[0]
    assert {reader(path).status_code for _time in range(100)} == {302}
    assert recorded() == [("message.clicked", False)]
    assert Event.objects.filter(type="message.clicked").count() == 1


def test_a_click_on_another_day_is_another_since_orders_follow_the_last_one(delivered, reader, now):
    # given somebody who clicks the same link today, two days later, and then once more
    path = clicks(delivered)[0]
    for later in (timedelta(minutes=1), timedelta(days=2), timedelta(days=2, hours=3)):
        with time_machine.travel(now + later, tick=False):
            assert reader(path).status_code == 302

    # then two clicks are told, of one message
    told = Event.objects.filter(type="message.clicked").order_by("id")
    assert [each.occurred_at for each in told] == [
        now + timedelta(minutes=1),
        now + timedelta(days=2),
    ]
    assert len({each.data["message_id"] for each in told}) == 1

    # and a machine that comes every day is told once
    for days in range(3):
        with time_machine.travel(now + timedelta(days=days, minutes=1), tick=False):
            reader(path, agent="")
    assert recorded().count(("message.clicked", True)) == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_p5_fetching_every_address_of_a_mail_changes_nobody(delivered, reader, method, now):
    # given a mail with its headers, and everything we know of people
    record_consent(
        contact_ids=[Contact.objects.get().pk], action="requested", source="manual", now=now
    )
    before = facts()
    [listed] = re.findall(r"<(.*)>", delivered["List-Unsubscribe"])
    text = delivered.get_body(("plain",)).get_content()
    found = {*hrefs(delivered), listed, *re.findall(r"https?://[^\s)]+", text)}
    found |= set(re.findall(r'src="([^"]+)"', html_of(delivered)))
    ours = sorted({urlsplit(url).path for url in found if "acme.localhost" in url})
    assert len(ours) == 6

    # when each is fetched, as a person and as a scanner
    for path in ours:
        for agent in (PERSON, "", "Barracuda link scan"):
            assert reader(path, agent=agent, method=method).status_code in (200, 302)

    # then no contact, no consent, no suppression and no message changed
    assert facts() == before


@pytest.mark.parametrize(
    ("agent", "method", "wait", "is_machine"),
    [
        (PERSON, "get", timedelta(minutes=1), False),
        (PERSON, "get", timedelta(seconds=1), True),
        (PERSON, "head", timedelta(minutes=1), True),
        ("", "get", timedelta(minutes=1), True),
        ("Mozilla/5.0", "get", timedelta(minutes=1), True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "get", timedelta(minutes=1), True),
        ("python-requests/2.34", "get", timedelta(minutes=1), True),
    ],
)
def test_machines_are_told_apart(delivered, reader, now, agent, method, wait, is_machine):
    with time_machine.travel(now + wait, tick=False):
        assert reader(clicks(delivered)[0], agent=agent, method=method).status_code == 302
        assert reader(pixel(delivered), agent=agent, method=method).status_code == 200
    assert recorded() == [("message.clicked", is_machine), ("message.opened", is_machine)]


def test_a_person_counts_although_a_machine_came_first(delivered, reader):
    for agent in ("", PERSON, PERSON, ""):
        reader(pixel(delivered), agent=agent)
    assert recorded() == [("message.opened", True), ("message.opened", False)]


def test_a_click_names_its_message_link_and_address(delivered, reader, now):
    reader(clicks(delivered)[0])
    event = Event.objects.get(type="message.clicked")
    message = Message.objects.get()
    assert event.contact_id == message.contact_id
    assert event.data == {
        "message_id": str(message.pk),
        "machine": False,
        "url": EXACT,
        "link": 0,
    }
    assert event.occurred_at == now + timedelta(minutes=1)


def test_the_mail_in_the_browser_is_the_readers_and_counts_nothing(delivered, reader):
    view = next(urlsplit(found).path for found in hrefs(delivered) if "/v/" in found)
    answer = reader(view)
    html = answer.content.decode()
    assert "https://acme.example/me?who=ada@example.com" in html
    assert "/r/" not in html
    assert "/o/" not in html
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("max-age=0")
    assert recorded() == []


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(delivered, reader, method):
    for path in [*clicks(delivered), pixel(delivered)]:
        assert reader(path, method=method).status_code == 405
    assert recorded() == []


def test_a_bad_pixel_is_still_a_picture(reader, acme):
    answer = reader("/o/nonsense.gif")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert tracking.find_message(acme.pk) is None
