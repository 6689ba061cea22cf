"""A tag was put on somebody."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, entries
from journeys.tag_news import TagNews


class TagAdded(TagNews):
    """By hand, by an import, by the API or by another journey."""

    key = "tag_added"
    label = gettext_lazy("Tag added")

    def summary(self, config: Config) -> str:
        return _("When the tag “%(tag)s” is added") % {"tag": config.get("tag", "")}

    def event_type(self, config: Config) -> str:
        return "contact.tagged"


entries.register(TagAdded())
