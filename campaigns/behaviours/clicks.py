"""They click a link in a mail."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.behaviours.reading import chosen, fetch, readable
from campaigns.places import is_tracked
from campaigns.tracking import destination, note_click
from journeys.contracts import Behaviour, Option, RehearsedMessage, Standpoint, behaviours

# Links offered of one mail, and how much of an address is shown.
LINKS = 4
SHOWN = 48


class Clicks(Behaviour):
    """`value` is the number of the mail, a dot, and the number of its link."""

    key = "clicks"
    label = gettext_lazy("Clicks a link")
    icon = "mouse-pointer-click"
    order = 20

    def options(self, at: Standpoint) -> Sequence[Option]:
        return [option for each in readable(at) for option in _options(*each)]

    def act(self, at: Standpoint, value: str) -> None:
        number, _dot, link = value.partition(".")
        message = chosen(at, number)
        if message is None or not link.isdigit():
            return
        if url := destination(message, int(link)):
            note_click(message=message, index=int(link), url=url, fetch=fetch(at.now))


def _options(number: int, message: RehearsedMessage) -> Iterator[Option]:
    links = message.drawn.links if message.drawn else ()
    tracked = [(index, url) for index, url in enumerate(links) if is_tracked(url)]
    for index, url in tracked[:LINKS]:
        words = {"link": url.partition("//")[2][:SHOWN], "mail": message.name}
        yield Option(_("Clicks %(link)s in “%(mail)s”") % words, f"{number}.{index}")


behaviours.register(Clicks())
