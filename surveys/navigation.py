"""The place of surveys and reviews in the side bar."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.navigation import Counted, NavItem, Section, navigation
from surveys.models import Review


def waiting_reviews() -> "QuerySet[Review]":
    """Reviews that nobody has looked at."""
    return Review.objects.filter(status=Review.Status.WAITING)


navigation.register(
    NavItem(
        "surveys",
        _("Surveys"),
        "message-circle-question-mark",
        "surveys:surveys",
        section=Section.LISTEN,
        order=70,
    )
)
navigation.register(
    NavItem(
        "reviews",
        _("Reviews"),
        "star",
        "surveys:reviews",
        section=Section.LISTEN,
        order=80,
        counted=Counted(waiting_reviews, _("waiting to be looked at"), hot=True),
    )
)
