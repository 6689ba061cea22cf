"""Every provider's report of every thing that can happen has the same effect."""

from datetime import timedelta

import pytest

from campaigns.outbound import providers
from contacts.models import ConsentEntry, Contact, Suppression
from events.models import Event, InboundDelivery

from .conftest import mail_of
from .samples import SAMPLES
from .signing import MANY

EVENT = {
    "delivered": "message.delivered",
    "hard_bounce": "message.bounced",
    "soft_bounce": "message.bounced",
    "rejected": "message.bounced",
    "complained": "message.complained",
    "unsubscribed": "message.unsubscribed",
    "opened": "message.opened",
    "clicked": "message.clicked",
}
STATUS = {
    "accepted": ("accepted", ""),
    "delivered": ("delivered", ""),
    "hard_bounce": ("bounced", "hard_bounce"),
    "soft_bounce": ("bounced", "soft_bounce"),
    "rejected": ("bounced", "rejected"),
    "complained": ("complained", "complained"),
    "unsubscribed": ("accepted", ""),
    "opened": ("accepted", ""),
    "clicked": ("accepted", ""),
}
TIME = {
    "delivered": "delivered_at",
    "hard_bounce": "bounced_at",
    "soft_bounce": "bounced_at",
    "rejected": "bounced_at",
    "complained": "complained_at",
    "unsubscribed": "unsubscribed_at",
}
SEEN = ("opened_at", "machine_opened_at", "clicked_at")
SUPPRESSED = {"hard_bounce": "bounced", "complained": "complained"}
# They do not say which program opened, so that nobody can tell a person by it.
NAMELESS = {"brevo", "mailersend", ("resend", "opened")}


def test_there_are_samples_of_every_provider_that_reports():
    assert {each.key for each in providers if each.feedback} == SAMPLES.keys()
    for samples in SAMPLES.values():
        assert {"delivered", "clicked"} <= samples.keys()


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_each_report_has_its_one_effect(kind, account, message, provider, settle, now):
    # given a message for each thing that can happen, and one of which nothing is told
    sender, at = account(kind), now - timedelta(minutes=3)
    sent = {what: message(sender, to=f"{what}@example.com") for what in SAMPLES[kind]}
    other = message(sender, to="other@example.com")

    # when the provider tells what became of them
    for what, row in sent.items():
        report = SAMPLES[kind][what](mail_of(row, at))
        assert provider(sender).report(report).status_code == 200
    settle()

    # then that is what each message, the log and the lists say, and nothing else
    assert set(InboundDelivery.objects.values_list("state", "error")) == {("done", "")}
    for what, row in sent.items():
        assert_happened(kind, what, row, at)
    other.refresh_from_db()
    assert (other.status, other.delivered_at, other.bounced_at) == ("accepted", None, None)
    expected = {f"{what}@example.com": SUPPRESSED[what] for what in sent if what in SUPPRESSED}
    assert dict(Suppression.objects.values_list("value", "reason")) == expected
    left = {f"{what}@example.com" for what in sent if what in ("complained", "unsubscribed")}
    unsubscribed = Contact.objects.filter(email_consent="unsubscribed")
    assert set(unsubscribed.values_list("email", flat=True)) == left
    assert ConsentEntry.objects.count() == len(left)


def assert_happened(kind, what, row, at):
    """The message and the log say of it exactly what the provider told."""
    row.refresh_from_db()
    assert (row.status, row.reason) == STATUS[what], what
    machine = kind in NAMELESS or (kind, what) in NAMELESS
    expected = {TIME.get(what)}
    if what in ("opened", "clicked"):
        expected = {"machine_opened_at"} if machine else {"opened_at", f"{what}_at"}
    told = {name: getattr(row, name) for name in (*TIME.values(), *SEEN) if getattr(row, name)}
    assert told == dict.fromkeys(expected - {None}, at), what
    events = Event.objects.filter(contact_id=row.contact_id, type__startswith="message.")
    assert [event.type for event in events] == ([EVENT[what]] if what in EVENT else [])
    for event in events:
        assert event.occurred_at == at
        assert event.data["message_id"] == str(row.pk)
        assert event.data.get("machine", machine) is machine
        if what == "clicked":
            assert event.data["url"] == "https://acme.example/shop"


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_message_is_found_by_the_provider_s_id_alone(
    kind, account, message, provider, settle, now
):
    # given a report without our send id, and an account of the same kind that has the same id
    sender, elsewhere = account(kind), account(kind)
    sent, other = message(sender), message(elsewhere)
    known = "<77@acme.example>" if kind == "mailgun" else "77"
    type(sent).objects.update(provider_message_id=known)
    sent.refresh_from_db()
    mail = mail_of(sent, now)
    mail = type(mail)("", mail.provider_id, mail.to, mail.at)

    provider(sender).report(SAMPLES[kind]["delivered"](mail))
    settle()

    sent.refresh_from_db()
    other.refresh_from_db()
    assert (sent.status, other.status) == ("delivered", "accepted")


@pytest.mark.parametrize("kind", sorted(MANY))
def test_a_report_that_cannot_be_read_sinks_no_other(kind, account, message, provider, settle, now):
    sender = account(kind)
    first, last = message(sender), message(sender, to="bob@example.com")
    good = [SAMPLES[kind]["delivered"](mail_of(each, now)) for each in (first, last)]

    provider(sender).report(good[0], {"broken": True}, good[1])
    settle()

    for each in (first, last):
        each.refresh_from_db()
        assert each.status == "delivered"


def test_what_could_not_be_read_is_shown(account, message, provider, settle, now):
    sender = account("sparkpost")
    good = SAMPLES["sparkpost"]["delivered"](mail_of(message(sender), now))
    provider(sender).report(good, {"broken": True})
    settle()
    call = InboundDelivery.objects.get()
    assert call.state == "failed"
    assert call.error.startswith("1 report could not be read: Something went wrong on our side")


def test_a_click_on_our_own_link_is_told_by_where_it_leads(account, message, provider, settle, now):
    from campaigns.tokens import make_message_token

    sender = account("sendgrid")
    sent = message(sender)
    report = SAMPLES["sendgrid"]["clicked"](mail_of(sent, now))
    report["url"] = f"http://acme.localhost/r/{make_message_token(sent.pk)}/0"
    provider(sender).report(report)
    settle()
    event = Event.objects.get(type="message.clicked")
    assert (event.data["url"], event.data["link"]) == ("https://acme.example/shop", 0)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("sendgrid", {"sg_machine_open": True}),
        ("mailgun", {"client-info": {"user-agent": "Mozilla", "bot": "apple"}}),
    ],
)
def test_what_the_provider_calls_a_machine_is_one(
    kind, change, account, message, provider, settle, now
):
    sender = account(kind)
    sent = message(sender)
    report = SAMPLES[kind]["opened"](mail_of(sent, now))
    (report["event-data"] if kind == "mailgun" else report).update(change)
    provider(sender).report(report)
    settle()
    sent.refresh_from_db()
    assert (sent.opened_at, sent.machine_opened_at) == (None, now) or kind == "mailgun"
    assert sent.opened_at is None
