"""What shops show: published reviews only, as data, for every page of the web."""

import json
from datetime import timedelta

import pytest

from contacts.models import Contact
from core.ids import uuid7
from core.rate_limits import Limit
from surveys.models import Review

PRODUCT = "01990000-0000-7000-8000-0000000000aa"


@pytest.fixture
def review(ada, now):
    def make(stars=5, *, contact=ada, **values):
        given = {"status": "published", "product_id": PRODUCT, "sku": "RYE-1", **values}
        return Review.objects.create(
            contact=contact, line_id=uuid7(), product_name="Rye bread", stars=stars,
            submitted_at=now, **given,
        )  # fmt: skip

    return make


def ask(visitor, product=PRODUCT, **query):
    return visitor.get("/widget/reviews.json", {"product": product, **query})


def test_published_reviews_are_shown_with_their_average(visitor, review, bob):
    review(5, title="Crusty", text="Very <b>good</b>", reply="Thank you!")
    review(4, contact=bob)
    review(1, text="Hidden", status="waiting")
    review(1, text="Hidden", status="refused")
    review(1, text="Other", product_id=uuid7(), sku="X")

    response = ask(visitor)

    found = response.json()
    assert (found["count"], found["average"], found["name"]) == (2, "4.5", "Rye bread")
    assert found["stars"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 1}
    by_author = {each["author"]: each for each in found["reviews"]}
    assert sorted(by_author) == ["Ada L.", "Bob"]
    ada = by_author["Ada L."]
    assert (ada["stars"], ada["title"], ada["text"]) == (5, "Crusty", "Very <b>good</b>")
    assert (ada["date"], ada["reply"], ada["photo_url"]) == ("2026-11-20", "Thank you!", None)
    assert "Hidden" not in response.content.decode()
    # and nothing of anybody's address is in it
    assert "example.com" not in response.content.decode()


def test_the_shop_s_own_article_number_names_the_product_too(visitor, review):
    review(3)
    assert ask(visitor, "RYE-1").json()["count"] == 1
    assert ask(visitor, "RYE-2").json()["count"] == 0


def test_every_page_of_the_web_may_ask_and_keep_it(visitor, review):
    review(5)
    response = ask(visitor)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=300"
    assert not response.cookies


def test_search_engines_get_it_as_schema_org_says(visitor, review):
    review(5, title="Crusty", text="Good")
    review(2)
    data = ask(visitor).json()["structured_data"]
    assert data["@context"] == "https://schema.org"
    assert (data["@type"], data["name"]) == ("Product", "Rye bread")
    assert data["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": "3.5",
        "reviewCount": 2,
        "bestRating": 5,
        "worstRating": 1,
    }
    bodies = [each for each in data["review"] if "reviewBody" in each]
    assert bodies == [
        {
            "@type": "Review",
            "author": {"@type": "Person", "name": "Ada L."},
            "datePublished": "2026-11-20",
            "reviewRating": {
                "@type": "Rating", "ratingValue": 5, "bestRating": 5, "worstRating": 1,
            },
            "name": "Crusty",
            "reviewBody": "Good",
        }
    ]  # fmt: skip


def test_nothing_is_claimed_without_a_review(visitor, acme):
    found = ask(visitor).json()
    assert (found["count"], found["average"], found["reviews"]) == (0, None, [])
    assert found["structured_data"] is None


def test_reviews_come_in_pages(visitor, review):
    for _number in range(23):
        review(5)
    seen, page = [], 1
    while page:
        found = ask(visitor, page=page).json()
        seen += [each["id"] for each in found["reviews"]]
        page = found["next_page"]
    assert (len(seen), len(set(seen))) == (23, 23)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"product": ""}, "product_missing"),
        ({"product": "x" * 121}, "product_missing"),
        ({"product": "a\x00b"}, "product_missing"),
        ({"page": "0"}, "invalid_page"),
        ({"page": "-1"}, "invalid_page"),
        ({"page": "²"}, "invalid_page"),
        ({"page": "9" * 50}, "invalid_page"),
        ({"page": "x"}, "invalid_page"),
    ],
)
def test_a_bad_question_is_told_so(visitor, acme, query, code):
    response = visitor.get("/widget/reviews.json", {"product": PRODUCT, **query})
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response["Access-Control-Allow-Origin"] == "*"


def test_who_asks_too_often_waits(visitor, acme, monkeypatch):
    limit = Limit("surveys.widget", most=2, window=timedelta(minutes=1))
    monkeypatch.setattr("surveys.views.widget.WIDGET_OF_IP", limit)
    answers = [ask(visitor) for _time in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert (answers[2].json()["code"], answers[2]["Retry-After"]) == ("rate_limited", "60")


def test_globex_shows_nothing_of_acme(globex, client_of, review):
    review(5, text="Ours")
    found = ask(client_of(globex)).json()
    assert (found["count"], found["reviews"]) == (0, [])


def test_the_script_is_there_and_small(visitor, acme):
    response = visitor.get("/widget/reviews.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=300"
    text = response.content.decode()
    assert len(text) < 6000
    # everything somebody wrote is set as text
    assert "innerHTML" not in text
    assert "textContent" in text


def test_the_page_of_reviews_has_the_snippet_to_copy(acme_client):
    page = acme_client.get("/reviews/").content.decode()
    assert "http://acme.localhost:8000/widget/reviews.js" in page
    assert "data-viaggio-reviews" in page


def test_who_is_forgotten_is_shown_no_more(visitor, review, ada, now):
    from contacts.erasure import erase_contact

    review(5, text="Mine")
    erase_contact(contact_id=ada.pk, now=now)
    assert ask(visitor).json()["count"] == 0


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Ada", "Lovelace", "Ada L."), ("Ada", "", "Ada"), ("", "Lovelace", "A customer")],
)
def test_a_name_is_shown_as_far_as_strangers_may_read_it(review, acme, first, last, shown):
    who = Contact.objects.create(email="c@example.com", first_name=first, last_name=last)
    assert review(5, contact=who).author == shown
    assert json.dumps(shown)
