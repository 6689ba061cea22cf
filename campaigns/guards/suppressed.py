"""The address bounced, complained, or was blocked: nothing goes there, whatever its kind."""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards

guards.register(
    Guard(
        key="suppressed",
        order=20,
        label=_("Address blocked"),
        sentence=_("This address bounced, complained or was blocked."),
        objects=(
            "EXISTS (SELECT 1 FROM contacts_suppression AS s"
            " WHERE s.channel = m.channel AND s.value = m.to_address)"
        ),
    )
)
