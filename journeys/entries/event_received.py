"""Something happened."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys import event_filter
from journeys.contracts import Check, Config, Entry, entries, is_news
from journeys.event_filter import EventFilterForm


class EventReceived(Entry):
    """Any event, of ours or sent in, with a filter on one of its properties if wanted."""

    key = "event_received"
    label = gettext_lazy("Event received")
    icon = "zap"
    form = EventFilterForm

    def example(self) -> Config:
        return {
            "event": "order.placed",
            "property": "total",
            "operator": "at_least",
            "value": "50",
        }

    def summary(self, config: Config) -> str:
        return _("When this happens: %(event)s") % {"event": event_filter.describe(config)}

    def event_type(self, config: Config) -> str:
        return str(config["event"])

    def matches(self, config: Config, event: Event) -> bool:
        """Not for history, such as orders of an import: it is kept, and starts nothing."""
        return not event.data.get("historical") and event_filter.passes(config, event.data)

    def checks(self, config: Config, event: Event) -> list[Check]:
        return [is_news(event), *event_filter.checks(config, event.data)]


entries.register(EventReceived())
