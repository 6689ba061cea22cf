"""What shops say of their customers."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.contracts import EventType, event_types


def _choice(data: dict[str, Any]) -> str:
    if data.get("accepts"):
        return _("Yes, says the shop. This is no consent here: ask for it.")
    return _("No, says the shop.")


event_types.register(
    EventType(
        "shop.advertising_choice",
        gettext_lazy("Chose about advertising in the shop"),
        icon="megaphone",
        describe=_choice,
    )
)
