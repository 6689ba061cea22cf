"""They no longer want to be written to."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.consent import record_consent
from contacts.models import Contact
from journeys.contracts import Behaviour, Option, Standpoint, behaviours


class Unsubscribes(Behaviour):
    """Withdraws consent, as the link in every mail does."""

    key = "unsubscribes"
    label = gettext_lazy("Unsubscribes")
    icon = "mail-x"
    order = 90

    def options(self, at: Standpoint) -> Sequence[Option]:
        consents = Contact.objects.filter(pk=at.contact_id, email_consent="subscribed")
        return [Option(_("Unsubscribes"))] if consents.exists() else []

    def act(self, at: Standpoint, value: str) -> None:
        record_consent(
            contact_ids=[at.contact_id], action="unsubscribed", source="one_click", now=at.now
        )


behaviours.register(Unsubscribes())
