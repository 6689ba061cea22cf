"""Which campaigns look into a saved segment and still need it."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from contacts.contracts import SegmentUse, segment_uses

OPEN = (
    Campaign.Status.DRAFT,
    Campaign.Status.SCHEDULED,
    Campaign.Status.QUEUEING,
    Campaign.Status.PAUSED,
)


def uses(segment_id: UUID) -> Sequence[str]:
    """The campaigns by name. A segment's id stands nowhere else, so its text is looked for."""
    found = (
        Campaign.objects.annotate(text=Cast("audience", TextField()))
        .filter(status__in=OPEN, text__contains=str(segment_id))
        .order_by("name")
    )
    names = found.values_list("name", flat=True)
    return [_("the campaign “%(name)s”") % {"name": name} for name in names]


segment_uses.register(SegmentUse("campaigns", uses))
