"""What can happen to a contact by our own hands."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.contracts import EventType, event_types

SOURCES = {
    "form": gettext_lazy("sign-up form"),
    "import": gettext_lazy("import"),
    "api": gettext_lazy("API"),
    "preferences": gettext_lazy("preference page"),
    "one_click": gettext_lazy("unsubscribe button of the mail program"),
    "manual": gettext_lazy("a colleague"),
    "complaint": gettext_lazy("spam complaint"),
    "provider": gettext_lazy("mail provider"),
    "journey": gettext_lazy("journey"),
    "survey": gettext_lazy("survey"),
}


def source_words(source: str) -> str:
    """Where something came from, in words; names nobody listed stand for themselves."""
    return str(SOURCES.get(source, source))


def _created(data: dict[str, Any]) -> str:
    return _("Added by %(source)s") % {"source": source_words(str(data.get("source", "")))}


def _tagged(data: dict[str, Any]) -> str:
    return _("Tagged “%(tag)s”") % {"tag": data.get("tag", "")}


def _untagged(data: dict[str, Any]) -> str:
    return _("Tag “%(tag)s” removed") % {"tag": data.get("tag", "")}


def _changed(data: dict[str, Any]) -> str:
    value = data.get("value")
    if value in (None, ""):
        return _("%(field)s cleared") % {"field": data.get("field", "")}
    return _("%(field)s set to “%(value)s”") % {"field": data.get("field", ""), "value": value}


def _subject(data: dict[str, Any]) -> str:
    subject = str(data.get("subject") or "")
    return _("Ticket opened: %(subject)s") % {"subject": subject[:200]} if subject else ""


def _closed(data: dict[str, Any]) -> str:
    subject = str(data.get("subject") or "")
    return _("Ticket closed: %(subject)s") % {"subject": subject[:200]} if subject else ""


def _page(data: dict[str, Any]) -> str:
    return str(data.get("title") or data.get("url") or "")[:200]


for event_type in (
    EventType("contact.created", gettext_lazy("Contact added"), "user-plus", "brand", _created),
    EventType("contact.tagged", gettext_lazy("Tag added"), "tag", "logic", _tagged),
    EventType("contact.untagged", gettext_lazy("Tag removed"), "tag", "", _untagged),
    EventType("field.changed", gettext_lazy("Field changed"), "pencil", "", _changed),
    EventType("consent.requested", gettext_lazy("Asked to confirm by mail"), "mail", "warn"),
    EventType("consent.confirmed", gettext_lazy("Subscribed to email"), "mail-check", "ok"),
    EventType("consent.withdrawn", gettext_lazy("Unsubscribed from email"), "mail-x", "bad"),
    EventType("ticket.opened", gettext_lazy("Ticket opened"), "life-buoy", "warn", _subject),
    EventType("ticket.closed", gettext_lazy("Ticket closed"), "life-buoy", "ok", _closed),
    EventType(
        "page.viewed", gettext_lazy("Viewed a page"), "globe", "info", _page, is_activity=True
    ),
):
    event_types.register(event_type)
