"""The link in the confirmation mail: a button on GET, the consent on POST."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from capture.models import SignupForm, Submission
from contacts.consent import record_consent
from contacts.models import ConsentEntry, Contact
from events.models import Event


@pytest.fixture
def confirm_path(fill_in: Any, newsletter: SignupForm) -> str:
    """The path in the mail after Ada signed up on a form with two tags."""
    SignupForm.objects.update(tags=["Newsletter", "Autumn"])
    fill_in(newsletter, email="ada@example.com", first_name="Ada")
    url = Event.objects.get(type="consent.requested").data["confirm_url"]
    return url.removeprefix("http://acme.localhost:8000")


def rows() -> list[Any]:
    """All that a confirmation could change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Contact, Submission, ConsentEntry, Event)
    ]


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(visitor: Any, confirm_path: str, method: str) -> None:
    """BI218"""
    before = rows()
    # when a scanner opens the link, twice
    for _time in range(2):
        response = getattr(visitor, method)(confirm_path)
        assert response.status_code == 200
    # then nothing has changed
    assert rows() == before


def test_the_page_shows_the_sentence_and_a_button(
    visitor: Any, confirm_path: str, newsletter: SignupForm
) -> None:
    page = visitor.get(confirm_path).content.decode()
    assert newsletter.wording.text in page
    assert '<button class="btn pri full" type="submit">Yes, confirm</button>' in page
    assert "<script" not in page


def test_pressing_the_button_subscribes(
    visitor: Any, confirm_path: str, newsletter: SignupForm, now: Any
) -> None:
    """BI218"""
    # when the button is pressed, an hour later and from elsewhere, without cookies
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        response = visitor.post(confirm_path, REMOTE_ADDR="203.0.113.9")
    # then the page says so after a redirect
    assert (response.status_code, response.url) == (302, confirm_path)
    assert "Your address is confirmed" in visitor.get(confirm_path).content.decode()
    # and the ledger has time, address and wording
    entry = ConsentEntry.objects.get(action="subscribed")
    assert entry.occurred_at == now + timedelta(hours=1)
    assert (entry.ip, entry.source, entry.wording_id) == (
        "203.0.113.9",
        "form",
        newsletter.wording_id,
    )
    # and the contact is subscribed, named and tagged
    contact = Contact.objects.get()
    assert (contact.email_consent, contact.first_name) == ("subscribed", "Ada")
    assert set(contact.contact_tags.values_list("tag__name", flat=True)) == {
        "Newsletter",
        "Autumn",
    }
    # and the submission and the log know
    assert Submission.objects.get().confirmed_at == now + timedelta(hours=1)
    assert Event.objects.get(type="form.confirmed").data == {
        "form": "newsletter",
        "form_name": "Newsletter",
    }
    assert Event.objects.get(type="consent.confirmed").contact_id == contact.pk


def test_pressing_twice_is_pressing_once(visitor: Any, confirm_path: str) -> None:
    # given a confirmed address
    visitor.post(confirm_path)
    before = rows()
    # when the button is pressed again
    response = visitor.post(confirm_path)
    # then all is as it was
    assert response.status_code == 200
    assert rows() == before


def test_an_old_link_does_not_resubscribe_who_has_left(
    visitor: Any, confirm_path: str, now: Any
) -> None:
    # given somebody who confirmed and left again
    visitor.post(confirm_path)
    contact = Contact.objects.get()
    record_consent(contact_ids=[contact.pk], action="unsubscribed", source="one_click", now=now)
    # when the old link is used once more
    visitor.post(confirm_path)
    # then they stay out
    contact.refresh_from_db()
    assert contact.email_consent == "unsubscribed"


def test_a_known_name_stays_when_another_is_confirmed(
    visitor: Any, confirm_path: str, now: Any
) -> None:
    # given a contact whose name became known in the meantime
    Contact.objects.update(first_name="Augusta")
    # when the sign-up as Ada is confirmed
    visitor.post(confirm_path)
    # then the name stays
    assert Contact.objects.get().first_name == "Augusta"


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_seven_days_the_link_is_too_old(
    visitor: Any, confirm_path: str, now: Any, method: str
) -> None:
    before = rows()
    # when the link is used on the eighth day
    with time_machine.travel(now + timedelta(days=7), tick=False):
        response = getattr(visitor, method)(confirm_path)
    # then the page says so and offers the form, and nothing has changed
    page = response.content.decode()
    assert response.status_code == 410
    assert "This link is too old" in page
    assert 'href="/f/newsletter/"' in page
    assert rows() == before


def test_a_second_before_it_still_works(visitor: Any, confirm_path: str, now: Any) -> None:
    with time_machine.travel(now + timedelta(days=7, seconds=-1), tick=False):
        assert visitor.post(confirm_path).status_code == 302
    assert Contact.objects.get().email_consent == "subscribed"


def test_a_closed_form_still_takes_its_confirmations(visitor: Any, confirm_path: str) -> None:
    SignupForm.objects.update(is_open=False)
    assert visitor.post(confirm_path).status_code == 302
    assert Contact.objects.get().email_consent == "subscribed"


def test_acmes_link_means_nothing_on_globex(
    confirm_path: str, client_of: Any, globex: Any, acme: Any
) -> None:
    """BI186"""
    before = rows()
    # when Acme's link is used on Globex's host
    stranger = client_of(globex)
    answers = [stranger.get(confirm_path).status_code, stranger.post(confirm_path).status_code]
    # then there is nothing, and Acme's rows are as they were
    assert answers == [404, 404]
    connection.set_tenant(acme)
    assert rows() == before


def test_a_changed_token_leads_nowhere(visitor: Any, confirm_path: str) -> None:
    """BI184"""
    last = confirm_path[-2]
    changed = confirm_path[:-2] + ("A" if last != "A" else "B") + "/"
    assert visitor.get(changed).status_code == 404
    assert visitor.post(changed).status_code == 404
    assert Contact.objects.get().email_consent == "pending"


def test_who_missed_the_link_can_sign_up_again(
    visitor: Any, fill_in: Any, confirm_path: str, newsletter: SignupForm, now: Any
) -> None:
    # given somebody who let the first link pass
    later = now + timedelta(days=8)
    # when they sign up again and use the new link
    with time_machine.travel(later, tick=False):
        page = visitor.get("/f/newsletter/").content.decode()
        token = page.split('name="page_token" value="')[1].split('"')[0]
        visitor.post(
            "/f/newsletter/",
            {"page_token": token, "consent": "on", "email": "ada@example.com"},
        )
        newest = Event.objects.filter(type="consent.requested").latest("id")
        visitor.post(newest.data["confirm_url"].removeprefix("http://acme.localhost:8000"))
    # then they are subscribed; one contact, two submissions, one confirmed
    assert Contact.objects.get().email_consent == "subscribed"
    assert Submission.objects.filter(confirmed_at=later).count() == 1
    assert Submission.objects.count() == 2
