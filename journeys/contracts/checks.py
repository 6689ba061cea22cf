"""Why an entry takes an event or does not: each thing it looks at, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from events.models import Event


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that an entry wants of an event; `detail` is what the event had, "" for nothing."""

    label: str
    passed: bool
    detail: str = ""


def is_news(event: Event) -> Check:
    """That the event is no history, such as an order of an import: that is kept, no more."""
    is_old = bool(event.data.get("historical"))
    return Check(_("it is news, not history"), not is_old, _("it is history") if is_old else "")
