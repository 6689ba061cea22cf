"""What the log says of messages."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.contracts import EventType, event_types


def _came_back(data: dict[str, Any]) -> str:
    text = str(data.get("text", ""))
    return _("Mail came back: %(text)s") % {"text": text} if text else ""


event_types.register(
    EventType("message.delivered", gettext_lazy("Mail delivered"), "mail-check", "ok")
)
event_types.register(
    EventType("message.bounced", gettext_lazy("Mail came back"), "mail-x", "bad", _came_back)
)
event_types.register(
    EventType("message.complained", gettext_lazy("Marked a mail as spam"), "mail-warning", "bad")
)
event_types.register(
    EventType(
        "message.unsubscribed", gettext_lazy("Unsubscribed at the mail provider"), "mail-x", "warn"
    )
)
event_types.register(
    EventType(
        "message.opened",
        gettext_lazy("Opened a mail"),
        "mail-open",
        "info",
        lambda data: data.get("subject", ""),
    )
)
event_types.register(
    EventType(
        "message.clicked",
        gettext_lazy("Clicked a link"),
        "mouse-pointer-click",
        "info",
        lambda data: data.get("url", ""),
        is_activity=True,
    )
)
