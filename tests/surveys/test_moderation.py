"""What a business does with reviews: by their words, in the open, on record."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Invalid
from events.models import Event
from surveys.models import Review
from surveys.services.moderating import publish_review, refuse_review
from tenants.models import AuditEntry, Membership, User
from tests.surveys.conftest import line, picture


@pytest.fixture
def review(requested, write_review):
    """Ada's review of her bread, with a photo; it waits."""
    write_review(requested(line("Rye bread")), stars="1", text="Dry as a bone", photo=picture())
    return Review.objects.get()


def actions():
    found = AuditEntry.objects.filter(action__startswith="review.").order_by("pk")
    return [entry.action for entry in found]


def test_the_queue_shows_what_waits_and_what_became_of_the_rest(acme_client, review):
    page = acme_client.get("/reviews/").content.decode()
    assert "Dry as a bone" in page
    assert "1 of 5 stars" in page
    for status, is_there in (("published", False), ("refused", False), ("all", True)):
        found = acme_client.get(f"/reviews/?status={status}").content.decode()
        assert ("Dry as a bone" in found) == is_there, status
    assert acme_client.get("/reviews/?status=x'&before=y").status_code == 200


def test_a_review_is_published_once_and_told(acme_client, review, owner, now):
    url = f"/reviews/{review.pk}/publish/"
    assert acme_client.get(url).status_code == 405
    for _time in range(2):
        assert acme_client.post(url).status_code == 302
    review.refresh_from_db()
    assert (review.status, review.moderated_at) == ("published", now)
    assert review.moderated_by == owner.get_full_name()
    assert Event.objects.get(type="review.published").data["stars"] == 1
    assert actions() == ["review.published"]
    # and the list says the average, with the count beside it
    page = acme_client.get("/reviews/?status=published").content.decode()
    assert "1.0 of 5 stars on average, from 1 published review." in page


def test_a_review_is_refused_for_its_words_only(acme_client, review):
    url = f"/reviews/{review.pk}/refuse/"
    for reason in ("", "low_stars", "\x00"):
        response = acme_client.post(url, {"reason": reason})
        assert response.status_code == 422
        assert "Choose why this review cannot be shown." in response.content.decode()
    review.refresh_from_db()
    assert (review.status, actions()) == ("waiting", [])

    assert acme_client.post(url, {"reason": "offensive"}).status_code == 302
    review.refresh_from_db()
    assert (review.status, review.refused_for) == ("refused", "offensive")
    assert AuditEntry.objects.get(action="review.refused").detail["reason"] == "offensive"
    # and no reason on offer looks at the stars
    assert "star" not in " ".join(str(label).lower() for label in Review.Refusal.labels)


def test_a_reply_is_written_and_taken_away(acme_client, review, now):
    url = f"/reviews/{review.pk}/reply/"
    acme_client.post(url, {"reply": " We are sorry. "})
    review.refresh_from_db()
    assert (review.reply, review.replied_at) == ("We are sorry.", now)
    acme_client.post(url, {"reply": ""})
    review.refresh_from_db()
    assert (review.reply, review.replied_at) == ("", None)
    response = acme_client.post(url, {"reply": "x" * 2001})
    assert response.status_code == 422
    assert "At most 2000 characters" in response.content.decode()
    assert actions() == ["review.replied", "review.replied"]


def test_the_side_bar_counts_what_waits(acme_client, review):
    page = acme_client.get("/surveys/").content.decode()
    assert "waiting to be looked at" in page
    Review.objects.update(status="published")
    assert "waiting to be looked at" not in acme_client.get("/surveys/").content.decode()


def test_the_photo_is_for_members_until_it_is_published(acme_client, visitor, review):
    member, public = f"/reviews/{review.pk}/photo/", f"/widget/photos/{review.pk}.jpg"
    answer = acme_client.get(member)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.getvalue().startswith(b"\xff\xd8")
    assert visitor.get(public).status_code == 404
    assert visitor.get(member).status_code == 302
    Review.objects.update(status="published")
    answer = visitor.get(public)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    answer.close()


def test_a_viewer_may_read_but_not_decide(acme, client_of, review):
    user = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=user, workspace=acme, role="viewer")
    viewer = client_of(acme, user)
    assert viewer.get(f"/reviews/{review.pk}/").status_code == 200
    for action in ("publish", "refuse", "reply"):
        answer = viewer.post(f"/reviews/{review.pk}/{action}/", {"reason": "offensive"})
        assert answer.status_code == 403
    review.refresh_from_db()
    assert (review.status, review.reply) == ("waiting", "")


def test_globex_can_neither_see_nor_decide(globex_client, acme, review):
    assert globex_client.get(f"/reviews/{review.pk}/").status_code == 404
    assert "Dry" not in globex_client.get("/reviews/?status=all").content.decode()
    for action in ("publish", "refuse", "reply"):
        answer = globex_client.post(f"/reviews/{review.pk}/{action}/", {"reason": "offensive"})
        assert answer.status_code == 404
    connection.set_tenant(acme)
    review.refresh_from_db()
    assert (review.status, review.reply) == ("waiting", "")


def test_nothing_is_done_twice(review, now):
    assert publish_review(review_id=review.pk, by=None, by_name="Shop", now=now)
    assert not publish_review(review_id=review.pk, by=None, by_name="Shop", now=now)
    assert refuse_review(review_id=review.pk, reason="personal", by=None, now=now)
    assert not refuse_review(review_id=review.pk, reason="personal", by=None, now=now)
    with pytest.raises(Invalid) as refused:
        refuse_review(review_id=review.pk, reason="bad", by=None, now=now)
    assert (refused.value.code, refused.value.problems[0].field) == ("invalid_choice", "reason")


def test_the_list_asks_few_questions(acme_client, requested, write_review):
    for number in range(12):
        write_review(requested(line(f"Bread {number}")))
    acme_client.get("/reviews/")
    with CaptureQueriesContext(connection) as queries:
        acme_client.get("/reviews/")
    sql = [each["sql"] for each in queries]
    plain = [each for each in sql if not each.startswith(("SET ", "SAVEPOINT", "RELEASE"))]
    assert len(plain) <= 12, plain
