"""The journey ended for this person after the message was queued."""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards
from journeys.contracts import left_after

guards.register(
    Guard(
        key="exit_reached",
        order=35,
        label=_("Left the journey"),
        sentence=_("This person left the journey before the message went out."),
        objects=f"(m.enrolment_id IS NOT NULL AND {left_after('m.enrolment_id', 'm.queued_at')})",
    )
)
