"""A tag was taken off somebody."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys.contracts import Check, Config, Entry, entries
from journeys.event_filter import shortened
from journeys.tag_form import TagForm


class TagRemoved(Entry):
    """By hand, by the API or by another journey."""

    key = "tag_removed"
    label = gettext_lazy("Tag removed")
    icon = "tag"
    form = TagForm

    def example(self) -> Config:
        return {"tag": "vip"}

    def summary(self, config: Config) -> str:
        return _("When the tag “%(tag)s” is removed") % {"tag": config.get("tag", "")}

    def event_type(self, config: Config) -> str:
        return "contact.untagged"

    def matches(self, config: Config, event: Event) -> bool:
        tag = str(event.data.get("tag", ""))
        return tag.casefold() == str(config.get("tag", "")).casefold()

    def checks(self, config: Config, event: Event) -> list[Check]:
        wanted = _("the tag is “%(tag)s”") % {"tag": config.get("tag", "")}
        had = _("it was “%(value)s”") % {"value": shortened(event.data.get("tag", ""))}
        return [Check(wanted, self.matches(config, event), had)]


entries.register(TagRemoved())
