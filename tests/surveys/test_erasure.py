"""Who is forgotten leaves no answer, no review and no photo behind."""

from django.core.files.storage import default_storage

from contacts.erasure import erase_contact
from surveys.models import Answer, Invitation, Review, ReviewRequest
from tests.surveys.conftest import picture


def test_everything_somebody_said_goes_with_them(
    satisfaction, ada, bob, asked, answer, requested, write_review, now,
    django_capture_on_commit_callbacks,
):  # fmt: skip
    # given answers and reviews of Ada and of Bob
    for who in (ada, bob):
        answer(asked(satisfaction, who), "4", "Fine")
        write_review(requested(contact=who), text="Good", photo=picture())
    photos = {each.contact_id: each.photo.name for each in Review.objects.all()}

    # when Ada is forgotten
    with django_capture_on_commit_callbacks(execute=True):
        erase_contact(contact_id=ada.pk, now=now)

    # then only Bob's are left
    for model in (Answer, Invitation, Review, ReviewRequest):
        assert set(model.objects.values_list("contact_id", flat=True)) == {bob.pk}, model
    assert not default_storage.exists(photos[ada.pk])
    assert default_storage.exists(photos[bob.pk])
