"""They open a mail."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.behaviours.reading import chosen, fetch, readable, unopened
from campaigns.tracking import note_open
from journeys.contracts import Behaviour, Option, Standpoint, behaviours


class Opens(Behaviour):
    """Each mail once."""

    key = "opens"
    label = gettext_lazy("Opens a mail")
    icon = "mail-open"
    order = 10

    def options(self, at: Standpoint) -> Sequence[Option]:
        messages = readable(at)
        new = unopened(messages)
        return [
            Option(_("Opens “%(mail)s”") % {"mail": each.name}, str(number))
            for number, each in messages
            if each.id in new
        ]

    def act(self, at: Standpoint, value: str) -> None:
        if message := chosen(at, value):
            note_open(message=message, fetch=fetch(at.now))


behaviours.register(Opens())
