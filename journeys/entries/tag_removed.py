"""A tag was taken off somebody."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, entries
from journeys.tag_news import TagNews


class TagRemoved(TagNews):
    """By hand, by the API or by another journey."""

    key = "tag_removed"
    label = gettext_lazy("Tag removed")

    def summary(self, config: Config) -> str:
        return _("When the tag “%(tag)s” is removed") % {"tag": config.get("tag", "")}

    def event_type(self, config: Config) -> str:
        return "contact.untagged"


entries.register(TagRemoved())
