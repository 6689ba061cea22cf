"""Ways in by what happens to somebody's tags."""

from django.utils.translation import gettext as _

from events.models import Event
from journeys.contracts import Check, Config, Entry
from journeys.event_filter import shortened
from journeys.tag_form import TagForm


class TagNews(Entry):
    """News of one tag, however it is written."""

    icon = "tag"
    form = TagForm

    def example(self) -> Config:
        return {"tag": "vip"}

    def matches(self, config: Config, event: Event) -> bool:
        tag = str(event.data.get("tag", ""))
        return tag.casefold() == str(config.get("tag", "")).casefold()

    def checks(self, config: Config, event: Event) -> list[Check]:
        wanted = _("the tag is “%(tag)s”") % {"tag": config.get("tag", "")}
        had = _("it was “%(value)s”") % {"value": shortened(event.data.get("tag", ""))}
        return [Check(wanted, self.matches(config, event), had)]
