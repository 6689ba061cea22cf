"""Marketing goes only to those who agreed to it, as of the send moment."""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards

guards.register(
    Guard(
        key="no_consent",
        order=30,
        label=_("No consent"),
        sentence=_("This person has not agreed to marketing mail, or no longer does."),
        objects="(m.lane > 0 AND c.email_consent <> 'subscribed')",
    )
)
