"""The hosted form: from a typed address to a submission that waits for its confirmation."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from capture.models import SignupForm, Submission
from capture.page_tokens import issue_page_token
from contacts.consent import record_consent
from contacts.models import ConsentEntry, Contact, Suppression
from core.secrets import token_hash
from events.models import Event


def nothing_stored() -> bool:
    return (
        not Contact.objects.exists()
        and not Submission.objects.exists()
        and not ConsentEntry.objects.exists()
        and not Event.objects.exists()
    )


def test_the_page_needs_no_sign_in_no_script_and_no_cookie(
    visitor: Any, newsletter: SignupForm
) -> None:
    # when a stranger opens the form
    response = visitor.get("/f/newsletter/")
    # then it is there, in the words of the form, and sets nothing
    page = response.content.decode()
    assert response.status_code == 200
    assert "News from Acme" in page
    assert newsletter.wording.text in page
    assert "<script" not in page
    assert response.cookies == {}
    assert response.headers["Content-Language"] == "en"


def test_a_sign_up_waits_for_its_confirmation(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    # when somebody signs up
    response = fill_in(newsletter, email=" Ada@Example.COM ", first_name="Ada")
    # then they are told to look into their inbox
    assert response.status_code == 302
    assert response.url == "/f/newsletter/thanks/"
    # and a contact exists without consent and without the name nobody has confirmed
    contact = Contact.objects.get()
    assert (contact.email, contact.first_name, contact.language) == ("ada@example.com", "", "en")
    assert contact.email_consent == "pending"
    # and the submission waits seven days
    submission = Submission.objects.get()
    assert submission.contact_id == contact.pk
    assert submission.wording_id == newsletter.wording_id
    assert submission.data == {"first_name": "Ada"}
    assert submission.expires_at == now + timedelta(days=7)
    assert submission.confirmed_at is None
    assert submission.ip == "127.0.0.1"
    # and the ledger knows what was asked, in which words
    entry = ConsentEntry.objects.get()
    assert (entry.action, entry.source, entry.detail) == ("requested", "form", "Newsletter")
    assert (entry.wording_id, entry.ip) == (newsletter.wording_id, "127.0.0.1")


def test_the_request_carries_the_link_whose_hash_is_kept(
    fill_in: Any, newsletter: SignupForm
) -> None:
    # when somebody signs up
    fill_in(newsletter, email="ada@example.com")
    # then the event has all that the confirmation mail needs
    data = Event.objects.get(type="consent.requested").data
    assert {"form": "newsletter", "form_name": "Newsletter", "language": "en"}.items() <= (
        data.items()
    )
    url = data["confirm_url"]
    assert url.startswith("http://acme.localhost:8000/confirm/")
    token = url.split("/")[-2]
    assert Submission.objects.get().token_hash == token_hash(token)
    # and the sign-up itself is on record, once
    assert Event.objects.filter(type="form.submitted").count() == 1


def test_an_existing_contact_is_not_changed_by_what_a_stranger_types(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    # given a contact with a name and a language
    Contact.objects.create(
        email="ada@example.com", first_name="Ada", language="it", created_at=now, updated_at=now
    )
    # when somebody signs that address up under another name
    fill_in(newsletter, email="ada@example.com", first_name="Nobody")
    # then the contact keeps both
    contact = Contact.objects.get()
    assert (contact.first_name, contact.language) == ("Ada", "it")


def test_a_form_without_confirmation_subscribes_at_once(
    fill_in: Any, newsletter: SignupForm, now: Any
) -> None:
    # given a form that asks for no confirmation and tags people
    newsletter.double_opt_in, newsletter.tags = False, ["Newsletter"]
    newsletter.save()
    # when somebody signs up
    fill_in(newsletter, email="ada@example.com", first_name="Ada")
    # then they are subscribed, named and tagged
    contact = Contact.objects.get()
    assert (contact.email_consent, contact.first_name) == ("subscribed", "Ada")
    assert list(contact.contact_tags.values_list("tag__name", flat=True)) == ["Newsletter"]
    assert Submission.objects.get().confirmed_at == now
    assert ConsentEntry.objects.get().action == "subscribed"
    assert not Event.objects.filter(type="consent.requested").exists()


def test_a_subscribed_address_gets_the_same_answer(
    fill_in: Any, visitor: Any, newsletter: SignupForm, now: Any
) -> None:
    """BI220"""
    # given a subscriber
    contact = Contact.objects.create(email="ada@example.com")
    record_consent(contact_ids=[contact.pk], action="subscribed", source="manual", now=now)
    entries = ConsentEntry.objects.count()
    # when the address and a new one are typed in
    known = fill_in(newsletter, email="ada@example.com")
    new = fill_in(newsletter, email="new@example.com")
    # then nobody can tell which was known
    assert (known.status_code, known.url, known.content) == (new.status_code, new.url, new.content)
    assert {**known.headers, "X-Request-Id": ""} == {**new.headers, "X-Request-Id": ""}
    # and the subscriber was not asked again
    assert Submission.objects.get().contact.email == "new@example.com"
    assert ConsentEntry.objects.count() == entries + 1


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual"])
def test_a_blocked_address_gets_the_same_answer_and_no_mail(
    fill_in: Any, newsletter: SignupForm, reason: str
) -> None:
    # given an address that must never be written to
    Suppression.objects.create(value="ada@example.com", reason=reason)
    # when it signs up
    response = fill_in(newsletter, email="ada@example.com")
    # then nothing is stored
    assert response.url == "/f/newsletter/thanks/"
    assert nothing_stored()


def test_a_bot_that_fills_in_everything_sees_the_thanks_page(
    fill_in: Any, newsletter: SignupForm
) -> None:
    # when the field no person sees is filled in
    response = fill_in(newsletter, email="ada@example.com", homepage="https://spam.example")
    # then the answer is the usual one, and nothing was stored
    assert (response.status_code, response.url) == (302, "/f/newsletter/thanks/")
    assert nothing_stored()


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "Enter an email address."),
        ("ada", "An email address needs an @"),
        ("ada@localhost", "needs a dot"),
        ("a@x.it,b@x.it", "Enter one address only."),
        ("ada@exam\u200bple.com", "invisible character"),
        ("ada@example.com\r\nBcc: b@x.it", "line break"),
    ],
)
def test_a_bad_address_is_said_beside_its_field(
    fill_in: Any, newsletter: SignupForm, email: str, says: str
) -> None:
    # when an address is wrong
    response = fill_in(newsletter, email=email, first_name="Ada")
    # then the page says so, keeps what was typed, and nothing is stored
    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    assert 'value="Ada"' in page
    assert nothing_stored()


@pytest.mark.parametrize(
    "name",
    [
        "Win $500 http://evil.test",
        "www.evil.test",
        "evil.test",
        "EVIL.COM",
        "me@evil.test",
        "<b>Ada</b>",
        "A" * 61,
        "Ada\x00",
    ],
)
def test_a_name_cannot_carry_an_advertisement(
    fill_in: Any, newsletter: SignupForm, name: str
) -> None:
    """BI216"""
    # when the name has a link in it, or is no name
    response = fill_in(newsletter, email="ada@example.com", first_name=name)
    # then it is refused, and nothing is stored
    assert response.status_code == 422
    assert 'id="id_first_name_error"' in response.content.decode()
    assert nothing_stored()


@pytest.mark.parametrize("name", ["Ada", "Anna Maria", "D'Angelo", "José-Luis", "J. R.", "李"])
def test_names_people_have_are_taken(fill_in: Any, newsletter: SignupForm, name: str) -> None:
    assert fill_in(newsletter, email="ada@example.com", first_name=name).status_code == 302
    assert Submission.objects.get().data == {"first_name": name}


def test_without_the_tick_nobody_is_signed_up(fill_in: Any, newsletter: SignupForm) -> None:
    # when the sentence was not agreed to
    response = fill_in(newsletter, email="ada@example.com", consent="")
    # then nothing is stored
    assert response.status_code == 422
    assert "Tick the box if you want to hear from us." in response.content.decode()
    assert nothing_stored()


def test_unknown_fields_are_ignored(fill_in: Any, newsletter: SignupForm) -> None:
    """BI217"""
    # when a post brings fields the form does not have
    fill_in(
        newsletter,
        email="ada@example.com",
        is_admin="1",
        list_id="7",
        email_consent="subscribed",
        form=str(newsletter.pk),
    )
    # then they have no effect
    assert Contact.objects.get().email_consent == "pending"
    assert Submission.objects.get().data == {}


def test_another_workspaces_form_does_not_exist_here(
    visitor: Any, globex: Any, newsletter: SignupForm
) -> None:
    """BI217"""
    # given a form that only Globex has
    connection.set_tenant(globex)
    wording = SignupForm.objects.get().wording
    SignupForm.objects.create(slug="secret", name="G", title="G", button="G", wording=wording)
    # then on Acme's host it is like any missing page
    missing = visitor.get("/f/nothing/")
    secret = visitor.get("/f/secret/")
    assert (secret.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("kind", ["missing", "forged", "old", "other form", "other workspace"])
def test_a_missing_or_old_page_token_is_refused(
    visitor: Any, newsletter: SignupForm, acme: Any, globex: Any, now: Any, kind: str
) -> None:
    """BI214"""
    # given a token that this page did not issue in the last day
    wording_id, page = newsletter.wording_id, str(newsletter.pk)
    good = issue_page_token(page=page, wording_id=wording_id, now=now)
    connection.set_tenant(globex)
    foreign = issue_page_token(page=page, wording_id=wording_id, now=now)
    connection.set_tenant(acme)
    day_old = now - timedelta(hours=24, seconds=1)
    token = {
        "missing": "",
        "forged": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "old": issue_page_token(page=page, wording_id=wording_id, now=day_old),
        "other form": issue_page_token(page="x", wording_id=wording_id, now=now),
        "other workspace": foreign,
    }[kind]
    # when the form is sent with it
    data = {"page_token": token, "consent": "on", "email": "ada@example.com"}
    response = visitor.post("/f/newsletter/", data)
    # then it says what to do, and nothing is stored
    assert response.status_code == 403
    assert "Reload and try again" in response.content.decode()
    assert nothing_stored()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://globex.localhost"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_cannot_send_the_form(
    fill_in: Any, newsletter: SignupForm, headers: dict[str, str]
) -> None:
    """BI214"""
    # when another site posts with a good token
    response = fill_in(newsletter, email="ada@example.com", headers=headers)
    # then it is refused
    assert response.status_code == 403
    assert "Reload and try again" in response.content.decode()
    assert nothing_stored()


def test_the_sites_own_origin_passes(fill_in: Any, newsletter: SignupForm) -> None:
    headers = {"origin": "http://acme.localhost", "sec-fetch-site": "same-origin"}
    assert fill_in(newsletter, email="ada@example.com", headers=headers).status_code == 302


def test_the_wording_on_record_is_the_one_that_was_shown(
    visitor: Any, newsletter: SignupForm, now: Any
) -> None:
    # given a page drawn before the owner changed the sentence
    shown = newsletter.wording
    token = issue_page_token(page=str(newsletter.pk), wording_id=shown.pk, now=now)
    newer = type(shown).objects.create(key=shown.key, number=2, text="Other words")
    SignupForm.objects.update(wording=newer)
    # when it is sent
    data = {"page_token": token, "consent": "on", "email": "ada@example.com"}
    visitor.post("/f/newsletter/", data)
    # then the ledger keeps the older sentence
    assert ConsentEntry.objects.get().wording_id == shown.pk


def test_a_closed_form_says_so(fill_in: Any, visitor: Any, newsletter: SignupForm) -> None:
    # given a closed form
    SignupForm.objects.update(is_open=False)
    # then it can be neither seen nor sent
    assert "This form is closed" in visitor.get("/f/newsletter/").content.decode()
    assert fill_in(newsletter, email="ada@example.com").status_code == 404
    assert nothing_stored()


def test_the_page_speaks_the_language_of_the_form(visitor: Any, newsletter: SignupForm) -> None:
    # given an Italian form
    SignupForm.objects.update(language="it")
    # when somebody with an English browser opens it
    response = visitor.get("/f/newsletter/", headers={"accept-language": "en"})
    # then it is in Italian
    page = response.content.decode()
    assert response.headers["Content-Language"] == "it"
    assert '<html lang="it"' in page
    assert "Indirizzo email" in page
