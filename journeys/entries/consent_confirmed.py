"""Somebody subscribed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys.contracts import Check, Config, Entry, entries


class ConsentConfirmed(Entry):
    """Subscribing to email by their own doing; an import records no such event."""

    key = "consent_confirmed"
    label = gettext_lazy("Consent confirmed")
    icon = "mail-check"

    def summary(self, config: Config) -> str:
        return _("When somebody subscribes to email")

    def event_type(self, config: Config) -> str:
        return "consent.confirmed"

    def matches(self, config: Config, event: Event) -> bool:
        return event.data.get("source") != "import"

    def checks(self, config: Config, event: Event) -> list[Check]:
        passed = self.matches(config, event)
        had = _("it came from an import")
        return [Check(_("they subscribed by themselves"), passed, "" if passed else had)]


entries.register(ConsentConfirmed())
