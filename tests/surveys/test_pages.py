"""The pages on which surveys are kept, and the numbers that open the people behind them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from surveys.models import Answer, Invitation, Question, Survey
from surveys.results import csat, nps, response_rate, results_of
from tenants.models import AuditEntry, Membership, User
from tenants.provisioning import create_workspace
from tests.surveys.conftest import question_of

TYPED = {
    "name": "Fair",
    "key": "fair",
    "kind": "one_question",
    "language": "en",
    "title": "See you at the fair?",
    "thanks": "Thanks!",
    "low_score": "",
    "questions-TOTAL_FORMS": "2",
    "questions-INITIAL_FORMS": "0",
    "questions-0-text": "Will you come?",
    "questions-0-kind": "single_choice",
    "questions-0-options": "Yes | fair: yes\nNo\n\n Perhaps ",
    "questions-0-is_required": "on",
    "questions-0-ORDER": "1",
    "questions-1-text": "",
    "questions-1-kind": "scale",
}


@pytest.fixture
def seven(satisfaction, asked, answer):
    """Seven were asked; two gave 5, one each 4, 2 and 1; two said nothing."""
    people = [Contact.objects.create(email=f"p{n}@example.com") for n in range(7)]
    invitations = [asked(satisfaction, each) for each in people]
    for invitation, score in zip(invitations, ("5", "5", "4", "2", "1"), strict=False):
        answer(invitation, score, "Fine" if score == "4" else "")
    return people


def test_every_workspace_begins_with_four_surveys_in_its_language(owner, now):
    connection.set_schema_to_public()
    forno = create_workspace(name="Forno", slug="forno", owner=owner, now=now, language="it")
    connection.set_tenant(forno)
    found = {survey.key: survey for survey in Survey.objects.all()}
    assert sorted(found) == ["frequency", "interests", "satisfaction", "why"]
    assert {survey.language for survey in found.values()} == {"it"}
    assert all(survey.is_open for survey in found.values())
    assert found["satisfaction"].low_score == 2
    assert question_of(found["interests"]).text == "Che cosa ti interessa?"
    acts = [option["act"] for option in question_of(found["frequency"]).options]
    assert acts == ["", "", "", "unsubscribe"]


def test_the_list_shows_numbers_that_open_their_people(acme_client, satisfaction, seven):
    page = acme_client.get("/surveys/").content.decode()
    people = f"/surveys/{satisfaction.pk}/people/"
    assert f'<a href="{people}">7</a>' in page
    assert f'<a href="{people}?state=answered">5</a>' in page
    assert "71%" in page


def test_the_results_count_each_answer(acme_client, satisfaction, seven):
    scale, words = results_of(satisfaction)
    assert (scale.answered, scale.csat, scale.nps) == (5, 60, None)
    assert [(each.value, each.count) for each in scale.choices] == [
        ("1", 1), ("2", 1), ("3", 0), ("4", 1), ("5", 2),
    ]  # fmt: skip
    assert (words.answered, words.choices, words.csat) == (1, [], None)
    page = acme_client.get(f"/surveys/{satisfaction.pk}/").content.decode()
    assert "CSAT is the share of 4s and 5s among 5 answers." in page
    assert "60%" in page
    assert "Fine" in page


def test_every_count_equals_the_list_it_opens(acme_client, satisfaction, interests, seven, asked,
                                              answer, ada):  # fmt: skip
    answer(asked(interests, ada), ["new", "offers"])
    for survey in (satisfaction, interests):
        for result in results_of(survey):
            base = f"/surveys/{survey.pk}/people/?question={result.question.pk}"
            assert len(acme_client.get(base).context["rows"]) == result.answered
            for choice in result.choices:
                rows = acme_client.get(f"{base}&value={choice.value}").context["rows"]
                assert len(rows) == choice.count, (survey.key, choice)


@pytest.mark.parametrize(("state", "count"), [("", 7), ("answered", 5), ("silent", 2), ("x", 7)])
def test_each_state_opens_its_people(acme_client, satisfaction, seven, state, count):
    page = acme_client.get(f"/surveys/{satisfaction.pk}/people/?state={state}")
    assert len(page.context["rows"]) == count


def test_nonsense_in_the_address_of_the_people_is_no_error(acme_client, satisfaction, seven):
    url = f"/surveys/{satisfaction.pk}/people/"
    question = question_of(satisfaction).pk
    for query in ("question=x", "before=x%00y", f"question={question}&value=%00",
                  f"question={question}&value={'9' * 99}", "value=5"):  # fmt: skip
        assert acme_client.get(f"{url}?{query}").status_code == 200, query


def test_the_people_are_paged(acme_client, satisfaction, seven, monkeypatch):
    monkeypatch.setattr("surveys.views.people.PAGE_SIZE", 3)
    url, seen = f"/surveys/{satisfaction.pk}/people/", []
    query = "?state=answered"
    while query:
        page = acme_client.get(f"{url}{query}")
        seen += [row.pk for row, _answers in page.context["rows"]]
        query = page.context["next_url"]
    assert (len(seen), len(set(seen))) == (5, 5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({}, None), ({"9": 1}, 100), ({"0": 1}, -100), ({"7": 3}, 0),
     ({"10": 5, "8": 3, "6": 2}, 30), ({"9": 1, "7": 1, "0": 1}, 0)],
)  # fmt: skip
def test_nps_is_promoters_minus_detractors(counts, expected):
    assert nps(counts) == expected


@pytest.mark.parametrize(
    ("counts", "expected"), [({}, None), ({"5": 1}, 100), ({"3": 1}, 0), ({"4": 2, "1": 1}, 67)]
)
def test_csat_is_the_share_of_fours_and_fives(counts, expected):
    assert csat(counts) == expected


def test_a_rate_of_nothing_is_none():
    assert response_rate(answered=0, asked=0) is None
    assert response_rate(answered=1, asked=3) == 33


def test_an_nps_survey_shows_its_figure(acme_client, acme, asked, answer):
    survey = Survey.objects.create(key="nps", name="NPS", kind="nps", title="?")
    Question.objects.create(survey=survey, kind="nps", text="Would you recommend us?")
    for number, score in enumerate(("10", "9", "8", "0")):
        answer(asked(survey, Contact.objects.create(email=f"n{number}@example.com")), score)
    page = acme_client.get(f"/surveys/{survey.pk}/").content.decode()
    assert "NPS is the share of 9s and 10s minus that of 0s to 6s, among 4 answers." in page
    assert "<dd>25</dd>" in page


def test_a_survey_is_made_with_its_questions(acme_client, owner, now):
    response = acme_client.post("/surveys/new/", TYPED)
    survey = Survey.objects.get(key="fair")
    assert (response.status_code, response.url) == (302, f"/surveys/{survey.pk}/")
    assert (survey.is_open, survey.low_score, survey.created_at) == (True, None, now)
    [question] = survey.questions.all()
    assert (question.kind, question.position) == ("single_choice", 1)
    assert question.options == [
        {"value": "yes", "label": "Yes", "tag": "fair: yes", "act": ""},
        {"value": "no", "label": "No", "tag": "", "act": ""},
        {"value": "perhaps", "label": "Perhaps", "tag": "", "act": ""},
    ]
    entry = AuditEntry.objects.get(action="survey.created")
    assert (entry.actor, entry.target) == (owner, "Fair")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": "satisfaction"}, "already exists"),
        ({"key": "no spaces"}, "valid “slug”"),
        ({"name": ""}, "This field is required."),
        ({"kind": "x"}, "Select a valid choice."),
        ({"low_score": "11"}, "less than or equal to 10"),
        ({"questions-0-text": ""}, "This field is required."),
        ({"questions-0-options": "Yes"}, "needs at least two answers"),
        ({"questions-0-options": "Yes\nYes"}, "Two answers are the same."),
        ({"questions-0-options": f"Yes\nNo | {'t' * 61}"}, "tags of 60"),
        ({"questions-0-options": "\n".join(f"A{n}" for n in range(21))}, "At most 20 answers"),
        ({"questions-0-kind": "file"}, "Select a valid choice."),
        ({"questions-0-DELETE": "on"}, "asks at least one question"),
    ],
)
def test_a_bad_survey_is_refused_with_its_reason(acme_client, change, says):
    response = acme_client.post("/surveys/new/", {**TYPED, **change})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert Survey.objects.count() == 4
    assert not AuditEntry.objects.filter(action="survey.created").exists()


def edited(survey, **changed):
    """What the edit page of a survey sends, with these changes."""
    from surveys.forms import initial_of

    rows = initial_of(survey)
    data = {
        **{name: getattr(survey, name) for name in ("name", "key", "kind", "language", "title")},
        "questions-TOTAL_FORMS": len(rows),
        "questions-INITIAL_FORMS": len(rows),
    }
    for number, row in enumerate(rows):
        for name, value in row.items():
            data[f"questions-{number}-{name}"] = value
        data[f"questions-{number}-ORDER"] = number + 1
        if not row["is_required"]:
            del data[f"questions-{number}-is_required"]
    return {**data, **changed}


def test_an_answer_that_is_renamed_keeps_what_it_does(acme_client, acme, ada, asked, answer):
    # given somebody who chose to leave
    survey = Survey.objects.get(key="frequency")
    answer(asked(survey, ada), "leave")
    options = question_of(survey).options
    # when the owner writes it in other words
    lines = "Stay\nFewer mails, please | mail: fewer\nA pause | mail: pause\nGoodbye"
    url = f"/surveys/{survey.pk}/edit/"
    data = edited(survey, **{"questions-0-options": lines})
    assert acme_client.post(url, data).status_code == 302
    # then values and acts are as they were, and so are the counts
    now = question_of(survey).options
    assert [each["value"] for each in now] == [each["value"] for each in options]
    assert (now[3]["label"], now[3]["act"]) == ("Goodbye", "unsubscribe")
    [result] = results_of(survey)
    assert [each.count for each in result.choices] == [0, 0, 0, 1]


def test_an_answer_that_is_no_longer_offered_is_still_counted(acme_client, interests, ada, asked,
                                                              answer):  # fmt: skip
    answer(asked(interests, ada), ["events"])
    lines = "What is new\nOffers\nAdvice and ideas"
    acme_client.post(
        f"/surveys/{interests.pk}/edit/", edited(interests, **{"questions-0-options": lines})
    )
    [result] = results_of(interests)
    assert [(each.label, each.count) for each in result.choices if each.count] == [("events", 1)]


@pytest.mark.parametrize(
    "change", [{"questions-0-DELETE": "on"}, {"questions-0-kind": "nps"}], ids=["gone", "kind"]
)
def test_a_question_that_has_answers_stays_what_it_is(acme_client, satisfaction, seven, change):
    before = list(Question.objects.order_by("pk").values())
    response = acme_client.post(
        f"/surveys/{satisfaction.pk}/edit/", edited(satisfaction, title="New", **change)
    )
    assert response.status_code == 422
    assert "it cannot be removed or become another kind" in response.content.decode()
    assert list(Question.objects.order_by("pk").values()) == before
    satisfaction.refresh_from_db()
    assert satisfaction.title == "How was your order?"
    assert Answer.objects.count() == 6


def test_questions_change_places_and_words_with_their_answers(acme_client, satisfaction, seven):
    change = {"questions-0-ORDER": "2", "questions-1-ORDER": "1", "questions-0-text": "Happy?"}
    url = f"/surveys/{satisfaction.pk}/edit/"
    assert acme_client.post(url, edited(satisfaction, **change)).status_code == 302
    first, second = satisfaction.questions.all()
    assert (first.kind, second.kind, second.text) == ("text", "scale", "Happy?")
    assert second.answers.count() == 5


def test_a_survey_is_closed_and_opened_by_its_buttons(acme_client, satisfaction):
    for action, is_open in (("close", False), ("close", False), ("open", True)):
        url = f"/surveys/{satisfaction.pk}/{action}/"
        assert acme_client.get(url).status_code == 405
        assert acme_client.post(url).status_code == 302
        satisfaction.refresh_from_db()
        assert satisfaction.is_open is is_open
    found = AuditEntry.objects.filter(action__startswith="survey.").order_by("pk")
    assert [entry.action for entry in found] == ["survey.closed", "survey.opened"]


def test_the_preview_cannot_be_sent(acme_client, satisfaction):
    page = acme_client.get(f"/surveys/{satisfaction.pk}/preview/").content.decode()
    assert "This is a preview." in page
    assert '<button class="btn pri full" type="submit" disabled>' in page


@pytest.mark.parametrize("page", ["", "edit/", "preview/", "people/"])
def test_acmes_survey_does_not_exist_on_globex(globex_client, satisfaction, page):
    assert globex_client.get(f"/surveys/{satisfaction.pk}/{page}").status_code == 404


def test_globex_cannot_change_acmes_survey(globex_client, acme, satisfaction):
    before = Survey.objects.values().get(pk=satisfaction.pk)
    for action in ("edit", "close", "open"):
        answer = globex_client.post(f"/surveys/{satisfaction.pk}/{action}/", TYPED)
        assert answer.status_code == 404
    connection.set_tenant(acme)
    assert Survey.objects.values().get(pk=satisfaction.pk) == before


def test_a_viewer_may_look_but_not_change(acme, client_of, satisfaction):
    user = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=user, workspace=acme, role="viewer")
    viewer = client_of(acme, user)
    assert viewer.get(f"/surveys/{satisfaction.pk}/").status_code == 200
    assert viewer.post("/surveys/new/", TYPED).status_code == 403
    assert viewer.post(f"/surveys/{satisfaction.pk}/close/").status_code == 403
    assert Survey.objects.filter(is_open=True).count() == 4


@pytest.mark.parametrize("page", ["", "{pk}/", "{pk}/people/"])
def test_pages_ask_few_questions(acme_client, satisfaction, seven, page):
    url = f"/surveys/{page.format(pk=satisfaction.pk)}"
    acme_client.get(url)
    with CaptureQueriesContext(connection) as queries:
        acme_client.get(url)
    sql = [each["sql"] for each in queries]
    plain = [each for each in sql if not each.startswith(("SET ", "SAVEPOINT", "RELEASE"))]
    assert len(plain) <= 12, plain


def test_a_contact_s_page_shows_what_they_said(acme_client, satisfaction, ada, asked, answer,
                                               requested, write_review):  # fmt: skip
    url = f"/contacts/{ada.pk}/panels/answers/"
    assert "Order and shipping" not in acme_client.get(url).content.decode()
    answer(asked(satisfaction, ada), "4", "<b>Nice</b>")
    write_review(requested(), stars="3", title="Crusty")
    page = acme_client.get(url).content.decode()
    assert "Order and shipping" in page
    assert "&lt;b&gt;Nice&lt;/b&gt;" in page
    assert "Crusty" in page
    assert "3 of 5 stars" in page
    # and the timeline tells it in words
    timeline = acme_client.get(f"/contacts/{ada.pk}/").content.decode()
    assert "Answered “Order and shipping”: 4" in timeline
    assert "Reviewed “Rye bread” with 3 stars" in timeline
    assert Invitation.objects.count() == 1
