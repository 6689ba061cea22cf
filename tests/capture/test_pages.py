"""The pages on which forms are kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import get_resolver

from capture.models import SignupForm, Submission
from capture.services.signup import Visitor, confirm_submission, submit_form
from capture.urls import urlpatterns
from contacts.models import ConsentWording
from core.errors import Invalid
from tenants.contracts import workspace_defaults
from tenants.models import AuditEntry, Membership, User
from tenants.pages import is_open_page
from tenants.provisioning import create_workspace

TYPED = {
    "name": "Autumn fair",
    "slug": "autumn-fair",
    "language": "en",
    "title": "See you at the fair",
    "intro": "",
    "asks_name": "on",
    "button": "Count me in",
    "double_opt_in": "on",
    "thanks": "",
    "wording_text": "Yes, write to me about the fair.",
    "tag_names": "Fair,  Autumn 2026, Fair",
}


@pytest.fixture
def three_people(newsletter: SignupForm, now: Any) -> dict[str, Submission]:
    """One who confirmed, one who may still, one who let it pass."""
    found = {}
    for name, at in (("confirmed", now), ("waiting", now), ("expired", now - timedelta(days=9))):
        visitor = Visitor(email=f"{name}@example.com")
        submission = submit_form(
            form=newsletter, visitor=visitor, wording=newsletter.wording, now=at
        )
        assert submission
        found[name] = submission
    confirm_submission(submission_id=found["confirmed"].pk, ip=None, now=now)
    return found


def test_every_workspace_begins_with_an_open_form_in_its_language(owner: Any, now: Any) -> None:
    # given an Italian business
    connection.set_schema_to_public()
    forno = create_workspace(name="Forno", slug="forno", owner=owner, now=now, language="it")
    connection.set_tenant(forno)
    # then its form is there, in Italian, with its own sentence
    form = SignupForm.objects.get()
    assert (form.slug, form.language, form.title) == ("newsletter", "it", "Novità da Forno")
    assert (form.is_open, form.double_opt_in) == (True, True)
    assert (form.wording.key, form.wording.number, form.wording.language) == ("default", 1, "it")
    assert form.wording.text.startswith("Sì, Forno può inviarmi novità e offerte per email.")
    assert "newsletter_form" in workspace_defaults


def test_only_the_pages_of_mails_and_visitors_are_open() -> None:
    opened = {pattern.name for pattern in urlpatterns if is_open_page(pattern.callback)}
    assert opened == {"signup", "thanks", "confirm", "unsubscribe", "preferences"}
    assert "capture" in get_resolver("config.urls").namespace_dict


def test_the_list_shows_numbers_that_open_their_people(
    acme_client: Any, newsletter: SignupForm, three_people: Any
) -> None:
    page = acme_client.get("/forms/").content.decode()
    people = f"/forms/{newsletter.pk}/people/"
    assert f'<a href="{people}">3</a>' in page
    assert f'<a href="{people}?state=confirmed">1</a>' in page
    assert f'<a href="{people}?state=waiting">1</a>' in page


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", {"confirmed", "waiting", "expired"}),
        ("confirmed", {"confirmed"}),
        ("waiting", {"waiting"}),
        ("expired", {"expired"}),
        ("nonsense", {"confirmed", "waiting", "expired"}),
    ],
)
def test_each_number_opens_the_people_behind_it(
    acme_client: Any, newsletter: SignupForm, three_people: Any, state: str, shown: set[str]
) -> None:
    page = acme_client.get(f"/forms/{newsletter.pk}/people/?state={state}").content.decode()
    assert {name for name in three_people if f"{name}@example.com" in page} == shown


def test_the_people_are_paged(
    acme_client: Any, newsletter: SignupForm, three_people: Any, monkeypatch: Any
) -> None:
    # given pages of two
    monkeypatch.setattr("capture.views.forms.PAGE_SIZE", 2)
    url = f"/forms/{newsletter.pk}/people/"
    # then the second page has the one the first left out, and rubbish in the cursor is no error
    first = acme_client.get(url)
    second = acme_client.get(f"{url}{first.context['next_url']}")
    pages = [[row.pk for row, _state in page.context["rows"]] for page in (first, second)]
    assert [len(page) for page in pages] == [2, 1]
    assert {*pages[0], *pages[1]} == {submission.pk for submission in three_people.values()}
    assert second.context["next_url"] == ""
    assert len(acme_client.get(f"{url}?before=x%00y").context["rows"]) == 2


def test_a_form_is_made_open_with_its_own_wording(acme_client: Any, owner: Any, now: Any) -> None:
    # when an editor makes a form
    response = acme_client.post("/forms/new/", TYPED)
    # then it is open, with the first version of its sentence
    form = SignupForm.objects.select_related("wording").get(slug="autumn-fair")
    assert (response.status_code, response.url) == (302, f"/forms/{form.pk}/")
    assert (form.is_open, form.tags, form.created_at) == (True, ["Fair", "Autumn 2026"], now)
    assert (form.wording.key, form.wording.number) == (str(form.pk), 1)
    assert form.wording.text == "Yes, write to me about the fair."
    # and the audit log says who made it
    entry = AuditEntry.objects.get(action="form.created")
    assert (entry.actor, entry.target) == (owner, "Autumn fair")
    # and its page has the link to share
    assert (
        "http://acme.localhost:8000/f/autumn-fair/"
        in acme_client.get(response.url).content.decode()
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"slug": "newsletter"}, "already exists"),
        ({"slug": "no spaces"}, "valid “slug”"),
        ({"name": ""}, "This field is required."),
        ({"language": "xx"}, "Select a valid choice."),
        ({"wording_text": " "}, "This field is required."),
        ({"tag_names": ",".join(f"t{n}" for n in range(11))}, "At most 10 tags"),
        ({"tag_names": "t" * 61}, "At most 10 tags of 60 characters each."),
    ],
)
def test_a_bad_form_is_refused_with_its_reason(
    acme_client: Any, newsletter: SignupForm, change: dict[str, str], says: str
) -> None:
    response = acme_client.post("/forms/new/", {**TYPED, **change})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert list(SignupForm.objects.all()) == [newsletter]
    assert ConsentWording.objects.count() == 1
    assert not AuditEntry.objects.filter(action="form.created").exists()


def test_two_who_take_one_address_at_once_get_a_sentence(
    acme_client: Any, newsletter: SignupForm, monkeypatch: Any
) -> None:
    # given an address that was free when it was checked
    monkeypatch.setattr("capture.forms.SignupFormFields.validate_unique", lambda self: None)
    # when it is taken by the time of the insert
    response = acme_client.post("/forms/new/", {**TYPED, "slug": "newsletter"})
    # then nothing is half made
    assert response.status_code == 422
    assert "Another form has this address." in response.content.decode()
    assert ConsentWording.objects.count() == 1


def test_other_words_make_the_next_version_and_keep_the_old_one(
    acme_client: Any, newsletter: SignupForm
) -> None:
    old = ConsentWording.objects.get()
    url = f"/forms/{newsletter.pk}/edit/"
    # when the sentence changes
    assert acme_client.post(url, {**TYPED, "wording_text": "New words."}).status_code == 302
    # then the form has version 2, and version 1 is as it was
    newsletter.refresh_from_db()
    assert (newsletter.wording.number, newsletter.wording.text) == (2, "New words.")
    assert newsletter.wording.key == "default"
    kept = ConsentWording.objects.get(pk=old.pk)
    assert (kept.number, kept.text) == (1, old.text)
    # and saving again without a change makes none
    acme_client.post(url, {**TYPED, "wording_text": "New words.", "title": "Another title"})
    newsletter.refresh_from_db()
    assert newsletter.title == "Another title"
    assert ConsentWording.objects.count() == 2


def test_another_language_begins_its_own_versions(acme_client: Any, newsletter: SignupForm) -> None:
    data = {**TYPED, "language": "it", "wording_text": "Sì."}
    acme_client.post(f"/forms/{newsletter.pk}/edit/", data)
    newsletter.refresh_from_db()
    assert (newsletter.wording.language, newsletter.wording.number) == ("it", 1)


def test_a_form_is_closed_and_opened_by_its_buttons(
    acme_client: Any, visitor: Any, newsletter: SignupForm
) -> None:
    assert acme_client.get(f"/forms/{newsletter.pk}/close/").status_code == 405
    acme_client.post(f"/forms/{newsletter.pk}/close/")
    assert visitor.get("/f/newsletter/").status_code == 404
    acme_client.post(f"/forms/{newsletter.pk}/open/")
    acme_client.post(f"/forms/{newsletter.pk}/open/")
    assert visitor.get("/f/newsletter/").status_code == 200
    actions = AuditEntry.objects.filter(action__startswith="form.").order_by("pk")
    assert [entry.action for entry in actions] == ["form.closed", "form.opened"]


def test_the_preview_cannot_be_sent(acme_client: Any, newsletter: SignupForm) -> None:
    SignupForm.objects.update(is_open=False)
    page = acme_client.get(f"/forms/{newsletter.pk}/preview/").content.decode()
    assert "This is a preview." in page
    assert '<button class="btn pri full" type="submit" disabled>' in page
    assert "page_token" not in page


@pytest.mark.parametrize("page", ["", "edit/", "preview/", "people/"])
def test_acmes_form_does_not_exist_on_globex(
    globex_client: Any, newsletter: SignupForm, page: str
) -> None:
    assert globex_client.get(f"/forms/{newsletter.pk}/{page}").status_code == 404


def test_globex_cannot_change_acmes_form(
    globex_client: Any, acme: Any, newsletter: SignupForm
) -> None:
    before = SignupForm.objects.values().get()
    for action, data in (("edit/", TYPED), ("close/", {}), ("open/", {})):
        assert globex_client.post(f"/forms/{newsletter.pk}/{action}", data).status_code == 404
    connection.set_tenant(acme)
    assert SignupForm.objects.values().get() == before


def test_a_viewer_may_look_but_not_change(
    acme: Any, client_of: Any, newsletter: SignupForm
) -> None:
    # given a viewer
    user = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=user, workspace=acme, role="viewer")
    viewer = client_of(acme, user)
    # then pages open, and nothing can be written
    assert viewer.get(f"/forms/{newsletter.pk}/").status_code == 200
    assert viewer.post("/forms/new/", TYPED).status_code == 403
    assert viewer.post(f"/forms/{newsletter.pk}/close/").status_code == 403
    newsletter.refresh_from_db()
    assert newsletter.is_open
    assert SignupForm.objects.count() == 1


def test_the_slug_refusal_has_its_code(newsletter: SignupForm, owner: Any, now: Any) -> None:
    from capture.services.keeping import FormDraft, create_form

    draft = FormDraft("N", "newsletter", "en", "T", "", True, "B", True, "", [], "W")
    with pytest.raises(Invalid) as caught:
        create_form(draft=draft, by=owner, now=now)
    assert (caught.value.code, caught.value.problems[0].field) == ("slug_taken", "slug")
