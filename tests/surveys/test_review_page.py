"""Writing a review: one form for each product, the same thanks whatever the rating."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from core.ids import uuid7
from events.models import Event
from surveys.links import make_token
from surveys.models import Review, ReviewRequest
from surveys.photos import BYTES_MAX
from tests.architecture.belongings import picture as rows_of
from tests.surveys.conftest import line, picture, review_url

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def named(content, name):
    file = io.BytesIO(content)
    file.name = name
    return file


def told(kind="review.submitted"):
    return [event.data for event in Event.objects.filter(type=kind).order_by("id")]


def test_a_review_is_kept_waits_and_is_told(ada, requested, write_review, now):
    # given that Ada is asked about her bread
    request = requested(line("Rye bread"))
    item = request.items[0]

    # when she writes about it
    response = write_review(request, stars="4", title=" Crusty ", text="Good.\r\nVery good.")

    # then it waits to be looked at
    token = make_token("review", request.pk)
    assert (response.status_code, response.url) == (302, f"/review/{token}/thanks/")
    review = Review.objects.get()
    assert (review.contact, review.stars, review.title) == (ada, 4, "Crusty")
    assert (review.text, review.status) == ("Good.\nVery good.", "waiting")
    assert (review.product_name, review.sku) == ("Rye bread", "RYE-BREAD")
    assert str(review.line_id) == item["line_id"]
    assert str(review.product_id) == item["product_id"]
    assert (review.order_id, review.submitted_at) == (request.order_id, now)
    request.refresh_from_db()
    assert request.answered_at == now
    # and journeys are told
    assert told() == [
        {
            "review_id": str(review.pk),
            "order_id": str(request.order_id),
            "line_id": item["line_id"],
            "product_id": item["product_id"],
            "product_name": "Rye bread",
            "stars": 4,
        }
    ]


def test_writing_twice_changes_the_review_and_it_waits_again(requested, write_review, now):
    request = requested()
    write_review(request, stars="2", text="Dry")
    Review.objects.update(status="published")
    # the same again is nothing new
    write_review(request, stars="2", text="Dry")
    assert Review.objects.get().status == "published"
    # something else is looked at again
    write_review(request, stars="5", text="Better now")
    review = Review.objects.get()
    assert (review.stars, review.text, review.status) == (5, "Better now", "waiting")
    # and nobody is thanked twice
    assert len(told()) == 1


def test_the_thanks_are_the_same_for_every_rating(requested, write_review, visitor):
    pages = set()
    for stars in "135":
        request = requested(line("Rye", line_id="01990000-0000-7000-8000-000000000001"))
        response = write_review(request, stars=stars)
        page = visitor.get(response.url).content.decode()
        pages.add(page.replace(make_token("review", request.pk), "TOKEN"))
    assert len(pages) == 1


def test_what_else_was_bought_is_asked_for(requested, write_review, visitor):
    request = requested(line("Rye"), line("Buns"))
    response = write_review(request, 0, stars="4")
    thanks = visitor.get(response.url).content.decode()
    assert "Buns" in thanks
    assert "Rye" not in thanks
    both = visitor.get(f"/review/{make_token('review', request.pk)}/").content.decode()
    assert "Reviewed" in both
    assert review_url(request, 1) in both


def test_one_product_alone_opens_its_form(requested, visitor):
    request = requested(line("Rye"))
    response = visitor.get(f"/review/{make_token('review', request.pk)}/")
    assert (response.status_code, response.url) == (302, review_url(request))


def test_the_link_in_the_mail_chooses_the_stars_and_keeps_nothing(acme, requested, visitor):
    request = requested()
    before = rows_of(acme)
    page = visitor.get(f"{review_url(request)}?a=4").content.decode()
    assert 'value="4" checked' in page
    assert page.count(" checked") == 1
    assert rows_of(acme) == before
    assert " checked" not in visitor.get(f"{review_url(request)}?a=6").content.decode()


@pytest.mark.parametrize("stars", ["", "0", "6", "-1", "4.5", "true", "5; DROP", "٤"])
def test_stars_that_are_none_are_refused(requested, write_review, stars):
    # BI201
    response = write_review(requested(), stars=stars, text="I wrote a lot")
    assert response.status_code == 400
    page = response.content.decode()
    assert "Choose one to five stars." in page
    assert "I wrote a lot" in page
    assert (Review.objects.count(), told()) == (0, [])


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": "x" * 1_000_000}, "At most 4000 characters"),
        ({"text": "a\x00b"}, "NUL character"),
        ({"title": "x" * 121}, "At most 120 characters"),
    ],
)
def test_words_that_are_too_many_are_refused(requested, write_review, typed, says):
    # BI207
    response = write_review(requested(), **typed)
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not Review.objects.exists()


def test_a_photo_is_drawn_anew_without_where_it_was_taken(requested, write_review):
    # given a large photo that lies on its side, with a place in it
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    photo = picture(size=(3000, 2000), exif=exif)
    assert b"Exif" in photo.getvalue()

    assert write_review(requested(), photo=photo).status_code == 302

    review = Review.objects.get()
    with default_storage.open(review.photo.name) as file:
        kept = file.read()
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (1067, 1600))
        assert dict(image.getexif()) == {}
    assert b"Exif" not in kept


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_photos_come_as_jpeg_png_or_webp(requested, write_review, kind):
    assert write_review(requested(), photo=picture(kind)).status_code == 302
    assert Review.objects.get().photo.name.endswith(".jpg")


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (SVG, "photo.svg", "This is no photo"),
        (SVG, "photo.jpg", "This is no photo"),
        (b"<?php system($_GET['c']);", "photo.php", "This is no photo"),
        (b"GIF89a<?php echo 1;", "photo.gif", "This is no photo"),
        (b"\xff\xd8\xff" + b"0" * 100, "photo.jpg", "This is no photo"),
        (b"", "photo.jpg", "The photo is an empty file."),
        (b"x" * (BYTES_MAX + 1), "photo.jpg", "A photo has at most 10 MB."),
    ],
)
def test_what_is_no_photo_is_refused(requested, write_review, content, name, says):
    # BI211
    response = write_review(requested(), text="Good", photo=named(content, name))
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not Review.objects.exists()
    assert not default_storage.exists("reviews") or default_storage.listdir("reviews") == ([], [])


def test_a_photo_with_more_pixels_than_memory_is_refused(requested, write_review, monkeypatch):
    # BI211: a small file that would be drawn on gigabytes
    monkeypatch.setattr("surveys.photos.PIXELS_MAX", {"PNG": 1000, "JPEG": 1000, "WEBP": 1000})
    response = write_review(requested(), photo=picture("PNG", (40, 30)))
    assert response.status_code == 400
    assert "The photo has too many pixels." in response.content.decode()


def test_200_mb_are_refused_before_they_are_read(requested, visitor):
    # BI211: by what the request says of itself, with nothing sent yet
    request = requested()
    response = visitor.generic(
        "POST", review_url(request), b"", "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 1024 * 1024),
    )  # fmt: skip
    assert response.status_code == 413
    assert "A photo has at most 10 MB." in response.content.decode()
    assert not Review.objects.exists()


def test_a_photo_is_replaced_and_removed_with_its_file(
    requested, write_review, django_capture_on_commit_callbacks
):
    request = requested()
    write_review(request, photo=picture())
    first = Review.objects.get().photo.name
    with django_capture_on_commit_callbacks(execute=True):
        write_review(request, photo=picture(size=(60, 60)))
    second = Review.objects.get().photo.name
    assert first != second
    assert (default_storage.exists(first), default_storage.exists(second)) == (False, True)
    # without a new file the photo stays; it goes when she says so
    write_review(request, text="And it smells good")
    assert Review.objects.get().photo.name == second
    with django_capture_on_commit_callbacks(execute=True):
        write_review(request, without_photo="on")
    assert Review.objects.get().photo.name == ""
    assert not default_storage.exists(second)


def test_only_what_was_asked_about_can_be_reviewed(requested, visitor):
    request = requested()
    url = f"/review/{make_token('review', request.pk)}/{uuid7()}/"
    assert visitor.get(url).status_code == 404
    assert visitor.post(url, {"stars": "5"}).status_code == 404
    assert not Review.objects.exists()


def test_another_site_cannot_send_a_review(requested, visitor):
    response = visitor.post(
        review_url(requested()), {"stars": "1"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert response.status_code == 403
    assert not Review.objects.exists()


def test_the_link_of_another_workspace_leads_nowhere(requested, client_of, globex, acme):
    from django.db import connection

    request = requested()
    stranger = client_of(globex)
    assert stranger.get(review_url(request)).status_code == 404
    assert stranger.post(review_url(request), {"stars": "1"}).status_code == 404
    connection.set_tenant(acme)
    assert not Review.objects.exists()
    assert ReviewRequest.objects.get().answered_at is None


def test_no_script_no_cookie(requested, visitor, write_review):
    request = requested(line(), line())
    for response in (
        visitor.get(review_url(request)),
        write_review(request),
        visitor.get(f"/review/{make_token('review', request.pk)}/thanks/"),
    ):
        assert not response.cookies
        assert "<script" not in response.content.decode()
