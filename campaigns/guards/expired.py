"""Too late: the step said not to send after this time."""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards

guards.register(
    Guard(
        key="expired",
        order=40,
        label=_("Too late"),
        sentence=_("Its “do not send after” time had passed."),
        objects="(m.expires_at IS NOT NULL AND m.expires_at < %(now)s)",
    )
)
