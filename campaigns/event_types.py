"""What the log says of messages."""

from django.utils.translation import gettext_lazy as _

from events.contracts import EventType, event_types

event_types.register(
    EventType(
        "message.opened",
        _("Opened a mail"),
        "mail-open",
        "info",
        lambda data: data.get("subject", ""),
    )
)
event_types.register(
    EventType(
        "message.clicked",
        _("Clicked a link"),
        "mouse-pointer-click",
        "info",
        lambda data: data.get("url", ""),
        is_activity=True,
    )
)
