"""The page behind a survey's link: no script, no cookie, and reading it changes nothing."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from contacts.contracts import MergeRequest
from surveys.merge_fields import review_values, survey_values
from surveys.models import Survey
from tests.architecture.belongings import picture
from tests.surveys.conftest import line, link_to, question_of


def radios(page):
    """{value: checked} of the first scale on a page."""
    found = re.findall(r'<input type="radio"[^>]*value="([^"]*)"( checked)?', page)
    return {value: bool(checked) for value, checked in found}


def test_the_link_in_the_mail_chooses_the_answer_and_keeps_nothing(
    satisfaction, ada, asked, visitor, acme
):
    invitation = asked(satisfaction, ada)
    before = picture(acme)
    page = visitor.get(f"{link_to(invitation)}?a=4")
    assert page.status_code == 200
    assert radios(page.content.decode()) == {"1": False, "2": False, "3": False, "4": True,
                                             "5": False}  # fmt: skip
    assert picture(acme) == before


@pytest.mark.parametrize("value", ["6", "'><script>alert(1)</script>", "4&a=5", "\x00", ""])
def test_a_link_that_somebody_bent_chooses_nothing_that_is_not_there(
    satisfaction, ada, asked, visitor, value
):
    page = visitor.get(link_to(asked(satisfaction, ada)), {"a": value})
    assert page.status_code == 200
    assert not any(radios(page.content.decode()).values())
    assert "<script" not in page.content.decode()


def test_what_was_answered_before_is_shown_to_be_changed(satisfaction, ada, asked, visitor, answer):
    invitation = asked(satisfaction, ada)
    answer(invitation, "2", "Too slow")
    page = visitor.get(link_to(invitation)).content.decode()
    assert radios(page)["2"]
    assert "Too slow" in page
    # and another link in the mail wins over what was said before
    assert radios(visitor.get(f"{link_to(invitation)}?a=5").content.decode())["5"]


def test_the_thanks_are_the_same_for_every_answer(satisfaction, ada, asked, visitor, answer):
    invitation = asked(satisfaction, ada)
    pages = {visitor.get(answer(invitation, score).url).content for score in ("1", "3", "5")}
    assert len(pages) == 1
    page = pages.pop().decode()
    assert "Your answer reached us. It helps us do better." in page
    assert f'href="{link_to(invitation)}"' in page


def test_no_script_no_cookie_no_cache(satisfaction, ada, asked, visitor, answer):
    invitation = asked(satisfaction, ada)
    for response in (
        visitor.get(link_to(invitation)),
        answer(invitation, "4"),
        visitor.get(f"{link_to(invitation)}thanks/"),
    ):
        assert not response.cookies
        assert "<script" not in response.content.decode()
        if response.status_code == 200:
            assert "no-store" in response["Cache-Control"]


def test_the_page_speaks_the_language_of_the_survey(satisfaction, ada, asked, visitor):
    Survey.objects.update(language="it")
    page = visitor.get(link_to(asked(satisfaction, ada)))
    assert page["Content-Language"] == "it"
    assert '<html lang="it"' in page.content.decode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_every_link_of_a_mail_changes_no_row(
    acme, ada, asked, requested, visitor, method, satisfaction, interests, now
):
    # P5: given every address that a mail of ours can hold
    urls = []
    frequency = Survey.objects.get(key="frequency")
    for hours, survey in enumerate((interests, frequency, satisfaction), start=1):
        asked(survey, ada, asked_at=now - timedelta(hours=9 - hours))
        [values] = survey_values([MergeRequest(ada.pk)], now)
        urls += [values["url"], f"{values['url']}thanks/"]
        urls += [each["url"] for each in values["scale"]]
    requested(line("Rye"), line("Buns"))
    [values] = review_values([MergeRequest(ada.pk)], now)
    urls += [values["url"], f"{values['url']}thanks/"]
    for item in values["items"]:
        urls += [item["url"], *(star["url"] for star in item["stars"])]
    assert len(urls) == (2 + 4) + (2 + 4) + (2 + 5) + 2 + 2 * (1 + 5)
    before = picture(acme)

    # when scanners open them all
    for url in urls:
        path = url.removeprefix("http://acme.localhost:8000")
        assert getattr(visitor, method)(path).status_code == 200, path

    # then nothing has changed
    assert picture(acme) == before


def test_the_link_of_another_workspace_leads_nowhere(
    satisfaction, ada, asked, client_of, globex, acme
):
    invitation = asked(satisfaction, ada)
    stranger = client_of(globex)
    for method in ("get", "post"):
        assert getattr(stranger, method)(link_to(invitation)).status_code == 404
    connection.set_tenant(acme)
    invitation.refresh_from_db()
    assert invitation.answered_at is None


def test_who_was_forgotten_has_no_link_any_more(satisfaction, ada, asked, visitor):
    invitation = asked(satisfaction, ada)
    link = link_to(invitation)
    ada.delete()
    assert visitor.get(link).status_code == 404


def test_another_kind_of_question_answers_by_its_own_link(acme, ada, asked, visitor):
    survey = Survey.objects.get(key="interests")
    page = visitor.get(f"{link_to(asked(survey, ada))}?a=offers").content.decode()
    assert f'name="q-{question_of(survey).pk}" value="offers" checked' in page
    assert 'type="checkbox"' in page
