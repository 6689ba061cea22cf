"""Journeys in a contact's timeline: when they entered one, and how it ended for them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.contracts import Happening, TimelineSource, timeline_sources
from contacts.models import Contact
from journeys.contracts import entries
from journeys.models import Enrolment
from journeys.path import ending_words


def journeys_of(contact: Contact, until: datetime | None, at_most: int) -> Sequence[Happening]:
    """Starts and ends of the contact's runs, newest first; those held out are not told."""
    runs = Enrolment.objects.filter(contact=contact, holdout=False).select_related("journey")
    started = runs.filter(Q(started_at__lte=until) if until else Q()).order_by("-started_at")
    ended = runs.filter(ended_at__isnull=False).exclude(status=Enrolment.Status.ACTIVE)
    ended = ended.filter(Q(ended_at__lte=until) if until else Q()).order_by("-ended_at")
    told = [_start(run) for run in started[:at_most]] + [_end(run) for run in ended[:at_most]]
    return sorted(told, key=lambda one: (one.at, one.number), reverse=True)[:at_most]


def _start(run: Enrolment) -> Happening:
    kind = entries.get(run.entry_kind).label if run.entry_kind in entries else ""
    return Happening(
        at=run.started_at,
        number=run.pk.int >> 65,
        icon="route",
        tone="brand",
        title=_("Entered “%(journey)s”") % {"journey": run.journey.name},
        detail=_("Because: %(entry)s") % {"entry": str(kind).lower()} if kind else "",
    )


def _end(run: Enrolment) -> Happening:
    return Happening(
        at=run.ended_at or run.started_at,
        number=(run.pk.int >> 65) + 1,
        icon="flag",
        title=_("Done with “%(journey)s”") % {"journey": run.journey.name},
        detail=ending_words(run),
    )


timeline_sources.register(TimelineSource("journeys", "journeys", journeys_of))
