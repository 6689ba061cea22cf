"""A page of the site was viewed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys.address_form import AddressForm, address_checks, is_there
from journeys.contracts import Check, Config, Entry, entries, is_news


class PageViewed(Entry):
    """By somebody who is known; history that is told later starts nothing."""

    key = "page_viewed"
    label = gettext_lazy("Page viewed")
    icon = "globe"
    form = AddressForm

    def example(self) -> Config:
        return {"contains": "/quotes/"}

    def summary(self, config: Config) -> str:
        if not config.get("contains"):
            return _("When any page is viewed")
        return _("When a page with “%(text)s” in its address is viewed") % {
            "text": config["contains"]
        }

    def event_type(self, config: Config) -> str:
        return "page.viewed"

    def matches(self, config: Config, event: Event) -> bool:
        return not event.data.get("historical") and is_there(config, event)

    def checks(self, config: Config, event: Event) -> list[Check]:
        return [is_news(event), *address_checks(config, event)]


entries.register(PageViewed())
