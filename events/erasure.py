"""Taking a person out of the log: the facts stay, what they said about the person goes."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from events.inbound import forget_addresses
from events.models import Event


def forget_contact(*, contact_id: UUID, addresses: Sequence[str]) -> int:
    """Blank what the log keeps of this contact, and events of the addresses that found nobody.

    Webhook calls that mention an address are blanked too. How many events.
    """
    forget_addresses(addresses=addresses)
    theirs = Q(contact_id=contact_id)
    for address in addresses:
        theirs |= Q(contact_id=None, identifiers__email__iexact=address)
    return Event.objects.filter(theirs).update(identifiers={}, data={}, error="")
