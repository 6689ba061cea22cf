"""What the log says of sign-up forms."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from events.contracts import EventType, event_types


def _form_name(data: dict[str, Any]) -> str:
    return str(data.get("form_name") or data.get("form") or "")


event_types.register(
    EventType(
        key="form.submitted",
        label=_("Filled in a form"),
        icon="clipboard-pen",
        tone="info",
        describe=_form_name,
        is_activity=True,
    )
)
event_types.register(
    EventType(
        key="form.confirmed",
        label=_("Confirmed by mail"),
        icon="mail-check",
        tone="ok",
        describe=_form_name,
        is_activity=True,
    )
)
