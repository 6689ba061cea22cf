"""The place of surveys and reviews in the side bar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, Pill, Section, navigation
from surveys.models import Review


def waiting_reviews(request: HttpRequest) -> Pill | None:
    """How many reviews wait to be looked at."""
    count = Review.objects.filter(status=Review.Status.WAITING)[:100].count()
    if not count:
        return None
    return Pill("99+" if count > 99 else str(count), _("waiting to be looked at"), hot=True)


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
        pill=waiting_reviews,
    )
)
