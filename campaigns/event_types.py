"""What the log says of messages."""

from django.utils.translation import gettext_lazy as _

from events.contracts import EventType, event_types

for key, label, icon, tone in (
    ("message.delivered", _("Mail delivered"), "mail-check", "ok"),
    ("message.bounced", _("Mail came back"), "mail-x", "bad"),
    ("message.complained", _("Marked a mail as spam"), "mail-warning", "bad"),
    ("message.unsubscribed", _("Unsubscribed at the mail provider"), "mail-x", "warn"),
):
    event_types.register(
        EventType(key, label, icon, tone, lambda data: data.get("text") or data.get("subject", ""))
    )
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
