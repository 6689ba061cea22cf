"""Surveys and reviews by API: results to be read, reviews to be decided on."""

import pytest
from django.db import connection

from contacts.models import Contact
from core.ids import uuid7
from events.models import Event
from surveys.models import Invitation, Review, Survey
from surveys.services.answering import answer_survey
from tenants.models import AuditEntry

UNKNOWN = "019aa0a0-6c00-7000-8000-000000000001"


@pytest.fixture
def ada(db, now):
    return Contact.objects.create(
        email="ada@example.com", first_name="Ada", last_name="Lovelace", created_at=now
    )


@pytest.fixture
def satisfaction(ada, now):
    """Ada gave 4, of two who were asked."""
    survey = Survey.objects.get(key="satisfaction")
    asked = Invitation.objects.create(survey=survey, contact=ada, asked_at=now)
    Invitation.objects.create(survey=survey, contact=ada, asked_at=now)
    sent = {str(survey.questions.first().pk): ["4"]}
    answer_survey(invitation_id=asked.pk, sent=sent, ip=None, now=now)
    return survey


@pytest.fixture
def review(ada, now):
    def make(stars=2, **values):
        return Review.objects.create(
            contact=ada, line_id=uuid7(), product_name="Rye bread", sku="RYE", stars=stars,
            submitted_at=now, **values,
        )  # fmt: skip

    return make


def test_surveys_are_listed_with_their_numbers(api, satisfaction):
    found = {each["key"]: each for each in api.get("/surveys").json()["results"]}
    assert sorted(found) == ["frequency", "interests", "satisfaction", "why"]
    mine = found["satisfaction"]
    assert (mine["asked"], mine["answered"], mine["response_rate"]) == (2, 1, 50)
    assert (mine["kind"], mine["low_score"], mine["is_open"]) == ("satisfaction", 2, True)
    assert found["why"]["response_rate"] is None


def test_the_results_of_a_survey(api, satisfaction):
    found = api.get(f"/surveys/{satisfaction.pk}").json()
    scale, words = found["questions"]
    assert (scale["kind"], scale["answered"], scale["csat"], scale["nps"]) == (
        "scale",
        1,
        100,
        None,
    )
    assert [each["count"] for each in scale["choices"]] == [0, 0, 0, 1, 0]
    assert (words["kind"], words["answered"], words["choices"]) == ("text", 0, [])
    assert api.get(f"/surveys/{UNKNOWN}").status_code == 404


def test_reviews_are_listed_and_narrowed(api, ada, review):
    review(5, status="published")
    review(1, text="Dry")
    assert len(api.get("/reviews").json()["results"]) == 2
    [waiting] = api.get("/reviews?status=waiting").json()["results"]
    assert (waiting["stars"], waiting["text"], waiting["author"]) == (1, "Dry", "Ada L.")
    assert (waiting["contact_id"], waiting["has_photo"]) == (str(ada.pk), False)
    assert len(api.get("/reviews?sku=RYE&stars=5").json()["results"]) == 1
    refused = api.get("/reviews?stars=6")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_filter")


def test_a_review_is_published_and_answered(api, review, now):
    mine = review()
    response = api.patch(f"/reviews/{mine.pk}", {"status": "published", "reply": "Sorry!"})
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["reply"]) == ("published", "Sorry!")
    mine.refresh_from_db()
    assert mine.moderated_by == "Shop"
    assert Event.objects.filter(type="review.published").count() == 1
    labels = AuditEntry.objects.filter(action__startswith="review.").values_list("actor_label")
    assert set(labels) == {("Shop",)}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"status": "refused"}, "required", "reason"),
        ({"status": "refused", "reason": "low_stars"}, "invalid_choice", "reason"),
        ({"status": "waiting"}, "invalid_choice", "status"),
        ({"reason": "offensive"}, "reason_without_refusal", "reason"),
        ({"status": "published", "reason": "offensive"}, "reason_without_refusal", "reason"),
        ({"reply": "x" * 2001}, "too_long", "reply"),
        ({"stars": 5}, "unknown_field", "stars"),
    ],
)
def test_a_bad_change_is_refused_whole(api, review, body, code, field):
    mine = review()
    response = api.patch(f"/reviews/{mine.pk}", body)
    assert response.status_code == 400
    assert [(each["code"], each["field"]) for each in response.json()["errors"]] == [(code, field)]
    before = (mine.status, mine.reply, mine.stars)
    mine.refresh_from_db()
    assert (mine.status, mine.reply, mine.stars) == before


def test_reading_does_not_allow_deciding(integrator, acme, key_of, review):
    mine = review()
    reader = integrator(acme, key_of(acme, "reviews:read", "surveys:read")[1])
    assert reader.get(f"/reviews/{mine.pk}").status_code == 200
    refused = reader.patch(f"/reviews/{mine.pk}", {"status": "published"})
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    mine.refresh_from_db()
    assert mine.status == "waiting"


def test_globex_reads_and_decides_nothing_of_acme(
    integrator, globex, acme, key_of, review, satisfaction
):
    mine = review()
    stranger = integrator(globex, key_of(globex)[1])
    assert stranger.get(f"/reviews/{mine.pk}").status_code == 404
    assert stranger.patch(f"/reviews/{mine.pk}", {"status": "published"}).status_code == 404
    assert stranger.get(f"/surveys/{satisfaction.pk}").status_code == 404
    assert stranger.get("/reviews").json()["results"] == []
    connection.set_tenant(acme)
    mine.refresh_from_db()
    assert mine.status == "waiting"
