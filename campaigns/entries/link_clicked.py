"""A link in a mail was clicked by a person."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys.address_form import AddressForm, address_checks, is_there
from journeys.contracts import Check, Config, Entry, entries


class LinkClicked(Entry):
    """Of any mail; what a security scanner clicks starts nothing."""

    key = "link_clicked"
    label = gettext_lazy("Link clicked")
    icon = "mouse-pointer-click"
    form = AddressForm

    def example(self) -> Config:
        return {"contains": "/offers/"}

    def summary(self, config: Config) -> str:
        if not config.get("contains"):
            return _("When any link in a mail is clicked")
        return _("When a link with “%(text)s” in its address is clicked") % {
            "text": config["contains"]
        }

    def event_type(self, config: Config) -> str:
        return "message.clicked"

    def matches(self, config: Config, event: Event) -> bool:
        return not event.data.get("machine") and is_there(config, event)

    def checks(self, config: Config, event: Event) -> list[Check]:
        is_machine = bool(event.data.get("machine"))
        by_whom = Check(
            _("a person clicked"), not is_machine, _("a program did") if is_machine else ""
        )
        return [by_whom, *address_checks(config, event)]


entries.register(LinkClicked())
