"""The campaign was paused or cancelled while this message was in a worker's hands.

Pausing and cancelling move the rows that wait; these two catch those that were just being claimed.
"""

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards

STATUS = (
    "(m.campaign_id IS NOT NULL AND EXISTS (SELECT 1 FROM campaigns_campaign AS stopped"
    " WHERE stopped.id = m.campaign_id AND stopped.status = '{status}'))"
)

guards.register(
    Guard(
        key="campaign_cancelled",
        order=5,
        label=_("Campaign cancelled"),
        sentence=_("The campaign was cancelled before this message went out."),
        objects=STATUS.format(status="cancelled"),
    )
)
guards.register(
    Guard(
        key="campaign_paused",
        order=6,
        label=_("Campaign paused"),
        sentence=_("The campaign is paused; the message waits for it."),
        objects=STATUS.format(status="paused"),
        action="defer",
        # Looked at again now and then; resuming makes it due at once.
        until="%(now)s + interval '1 hour'",
    )
)
