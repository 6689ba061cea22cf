"""Which journeys look into a saved segment: in the draft, or in a version somebody is on."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from contacts.contracts import SegmentUse, segment_uses
from journeys.models import Enrolment, Journey, JourneyVersion

INSIDE = (Enrolment.Status.ACTIVE, Enrolment.Status.HELD)


def uses(segment_id: UUID) -> Sequence[str]:
    """The journeys by name. A segment's id stands nowhere else, so its text is looked for."""
    versions = (
        JourneyVersion.objects.annotate(text=Cast("definition", TextField()))
        .filter(journey=OuterRef("pk"), text__contains=str(segment_id))
        .filter(
            Q(pk=OuterRef("live_version"))
            | Exists(Enrolment.objects.filter(version=OuterRef("pk"), status__in=INSIDE))
        )
    )
    found = (
        Journey.objects.exclude(status=Journey.Status.ARCHIVED)
        .annotate(text=Cast("draft", TextField()))
        .filter(Q(text__contains=str(segment_id)) | Exists(versions))
        .order_by("name")
    )
    return [
        _("the journey “%(name)s”") % {"name": name}
        for name in found.values_list("name", flat=True)
    ]


segment_uses.register(SegmentUse("journeys", uses))
