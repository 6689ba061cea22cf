"""What a contact's page shows of their answers and reviews; loaded at start, as is erasure."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.contracts import Panel, panels
from contacts.models import Contact
from surveys import erasure as erasure
from surveys.contracts import in_words
from surveys.models import Answer, Review

SHOWN = 5


def latest_answers(contact: Contact, now: datetime) -> dict[str, Any] | None:
    """The newest answers and reviews of this person; None when there never was one."""
    answers = (
        Answer.objects.filter(contact=contact)
        .select_related("survey", "question")
        .order_by("-answered_at", "-id")[:SHOWN]
    )
    reviews = Review.objects.filter(contact=contact).order_by("-id")[:SHOWN]
    said = [(answer, in_words(answer, answer.question)) for answer in answers]
    if not said and not reviews:
        return None
    return {"answers": said, "reviews": reviews, "contact": contact}


panels.register(
    Panel("answers", _("Answers and reviews"), "surveys/_contact_answers.html", latest_answers, 50)
)
