"""Who is never written to again, what is shown of a bounce, and the rule of five soft bounces."""

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.models import Contact, Suppression
from events.models import InboundDelivery

from .conftest import mail_of
from .samples import SAMPLES

EVIL = "550 5.1.1 <script>alert(1)</script>\r\nfake: line\x00\x1b[31m \u2028 end"
CLEAN = "550 5.1.1 <script>alert(1)</script> fake: line [31m end"


def bounced(message, account, now, *, days, what="soft_bounce", provider=None):
    """A message sent so many days ago that came back at once."""
    at = now - timedelta(days=days)
    sent = message(account, sent_at=at, called_at=at)
    assert provider.report(SAMPLES["brevo"][what](mail_of(sent, at))).status_code == 200
    return sent


@pytest.mark.parametrize(
    ("days", "is_dead"),
    [
        ([20, 15, 10, 5, 1], True),
        ([15, 4, 3, 2, 1], True),
        ([14, 4, 3, 2, 1], False),  # thirteen days between the first and the last
        ([20, 10, 5, 1], False),
    ],
)
def test_five_soft_bounces_in_a_row_over_two_weeks_are_a_dead_address(
    days, is_dead, account, message, provider, settle, now
):
    sender = account("brevo")
    for day in days:
        bounced(message, sender, now, days=day, provider=provider(sender))
        settle()
    expected = [("ada@example.com", "bounced")] if is_dead else []
    assert list(Suppression.objects.values_list("value", "reason")) == expected
    assert Contact.objects.get().email_consent == "subscribed"


def test_one_mail_that_arrived_breaks_the_row(account, message, provider, settle, now):
    sender = account("brevo")
    for day in (30, 25, 20, 15):
        bounced(message, sender, now, days=day, provider=provider(sender))
    message(sender, sent_at=now - timedelta(days=10))
    for day in (5, 3, 2, 1):
        bounced(message, sender, now, days=day, provider=provider(sender))
    settle()
    assert Suppression.objects.count() == 0


def test_others_soft_bounces_do_not_count(account, message, provider, settle, now):
    sender = account("brevo")
    for day in (30, 20, 10):
        bounced(message, sender, now, days=day, provider=provider(sender))
    for day in (25, 15, 5):
        at = now - timedelta(days=day)
        sent = message(sender, to="bob@example.com", sent_at=at)
        provider(sender).report(SAMPLES["brevo"]["soft_bounce"](mail_of(sent, at)))
    settle()
    assert Suppression.objects.count() == 0


def test_what_a_server_says_is_kept_on_one_line_and_shown_escaped(
    account, message, provider, settle, acme_client, caplog, now
):
    # given a bounce whose text carries a script and line breaks (BI170)
    sender = account("brevo")
    sent = message(sender)
    report = SAMPLES["brevo"]["hard_bounce"](mail_of(sent, now))
    assert provider(sender).report({**report, "reason": EVIL}).status_code == 200
    settle()

    # then it is stored as one clean line
    sent.refresh_from_db()
    assert sent.reason_text == CLEAN
    # and shown escaped, with the message and on the person's page
    for url in (
        reverse("campaigns:message", args=[sent.pk]),
        reverse("contacts:detail", args=[sent.contact_id]),
    ):
        page = acme_client.get(url).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; fake: line" in page
        assert "<script>alert(1)" not in page
    # and no log line carries it
    assert "alert(1)" not in caplog.text


def test_a_broken_report_makes_no_broken_log_line(account, provider, settle, caplog):
    sender = account("mailjet")
    provider(sender).report({"event\r\nfake": "x"})
    settle()
    call = InboundDelivery.objects.get()
    assert call.state == "failed"
    assert "\n" not in call.error
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_the_person_s_page_tells_what_became_of_the_mail(
    account, message, provider, settle, acme_client, now
):
    sender = account("brevo")
    sent = message(sender)
    for what in ("delivered", "complained"):
        provider(sender).report(SAMPLES["brevo"][what](mail_of(sent, now)))
    settle()
    page = acme_client.get(reverse("contacts:detail", args=[sent.contact_id])).content.decode()
    assert "Marked a mail as spam" in page
    assert "Unsubscribed from email" in page
    # the delivery is told with the mail, not as a thing of its own
    assert "Mail delivered" not in page
    page = acme_client.get(reverse("campaigns:message", args=[sent.pk])).content.decode()
    assert page.index("Sent</div>") < page.index("Delivered</div>")
    assert "Marked as spam</div>" in page


def test_what_an_erased_person_s_mail_did_is_counted_and_names_nobody(
    account, message, provider, settle, now
):
    from contacts.erasure import erase_contact
    from events.models import Event

    sender = account("brevo")
    sent = message(sender)
    provider(sender).report(SAMPLES["brevo"]["hard_bounce"](mail_of(sent, now)))
    erase_contact(contact_id=sent.contact_id, now=now)
    settle()
    sent.refresh_from_db()
    assert (sent.status, sent.contact_id) == ("bounced", None)
    assert not any(b"ada@" in bytes(each.body) for each in InboundDelivery.objects.all())
    assert Event.objects.filter(type="message.bounced").count() == 0
    assert Suppression.objects.get().reason == "erased"
