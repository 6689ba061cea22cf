"""Forgetting somebody: what they answered and wrote goes, and their photos with it."""

from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from contacts.contracts import Eraser, Erasure, erasers
from surveys.models import Answer, Invitation, Review, ReviewRequest


def forget_answers(erasure: Erasure) -> None:
    """Take away every answer, review and request of the person."""
    reviews = Review.objects.filter(contact_id=erasure.contact_id)
    for name in reviews.exclude(photo="").values_list("photo", flat=True):
        transaction.on_commit(partial(default_storage.delete, name))
    reviews.delete()
    for model in (Answer, Invitation, ReviewRequest):
        model._default_manager.filter(contact_id=erasure.contact_id).delete()


erasers.register(Eraser("surveys", forget_answers, order=50))
