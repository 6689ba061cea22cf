"""The person was erased, or their address changed hands, after the message was queued."""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards

guards.register(
    Guard(
        key="contact_gone",
        order=10,
        label=_("Person gone"),
        sentence=_("This person was erased, or has another address now."),
        # A test goes to whoever asked for it, filled in for somebody else.
        objects=(
            "(NOT starts_with(m.send_key, 'test:')"
            " AND (c.id IS NULL OR c.email IS DISTINCT FROM m.to_address))"
        ),
    )
)
