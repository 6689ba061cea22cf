"""The form of ways in that look at an address: of a page, or behind a link."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys.contracts.checks import Check
from journeys.contracts.runs import Config
from journeys.event_filter import shortened


class AddressForm(forms.Form):
    """What the address has to contain."""

    contains = forms.CharField(
        label=gettext_lazy("The address contains"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Such as /quotes/. Empty: any address."),
    )


def is_there(config: Config, event: Event) -> bool:
    """Whether the event's address is one of those."""
    wanted = str(config.get("contains") or "").casefold()
    return wanted in str(event.data.get("url") or "").casefold()


def address_checks(config: Config, event: Event) -> list[Check]:
    """What is wanted of the address, and what it was; [] when nothing is."""
    if not config.get("contains"):
        return []
    wanted = _("the address contains “%(text)s”") % {"text": config["contains"]}
    had = _("it was “%(value)s”") % {"value": shortened(event.data.get("url") or "")}
    return [Check(wanted, is_there(config, event), had)]
