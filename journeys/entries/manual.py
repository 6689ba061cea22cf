"""Somebody of the team, or the API, lets people in."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Entry, entries


class Manual(Entry):
    """No event starts it."""

    key = "manual"
    label = gettext_lazy("By hand or API")
    icon = "hand"

    def summary(self, config: Config) -> str:
        return _("When you add people, or the API does")

    def event_type(self, config: Config) -> str:
        return ""


entries.register(Manual())
