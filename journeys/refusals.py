"""Why people were not let in, for whoever tried it by hand."""

from django.utils.translation import gettext_lazy

REFUSALS = {
    "not_live": gettext_lazy("the journey is not live"),
    "no_such_contact": gettext_lazy("no such contact"),
    "already_inside": gettext_lazy("already inside"),
    "entered_before": gettext_lazy("was in it before, and may not enter again"),
    "not_in_audience": gettext_lazy("is not among those the entry is for"),
    "loop_guard": gettext_lazy("entered too often within the hour"),
}


def refusal_words(reason: str) -> str:
    """The reason as the end of a sentence."""
    return str(REFUSALS.get(reason, reason))
