"""Whoever is in a saved segment."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from contacts.models import Segment
from contacts.naming import names
from contacts.segments import NOBODY, as_q


def segment_names() -> dict[str, str]:
    """The names of all segments by id, in alphabetical order."""
    rows = Segment.objects.order_by(Lower("name")).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


class InSegmentForm(forms.Form):
    segment = forms.ChoiceField(
        label=gettext_lazy("Segment"), choices=lambda: list(segment_names().items())
    )


class InSegment:
    key = "in_segment"
    label = gettext_lazy("Segment")
    group = gettext_lazy("Segments")
    icon = "users"
    form = InSegmentForm

    def summary(self, config: dict[str, Any]) -> str:
        name = names("segments", segment_names).get(str(config["segment"]))
        return _("in the segment “%(name)s”") % {"name": name or _("deleted segment")}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """The segment's own conditions; one that is gone, or met inside itself, holds nobody."""
        segment_id = UUID(str(config["segment"]))
        if segment_id in scope.inside:
            return NOBODY
        segment = Segment.objects.filter(pk=segment_id).only("tree").first()
        if segment is None:
            return NOBODY
        return as_q(segment.tree, replace(scope, inside=scope.inside | {segment_id}))


conditions.register(InSegment())
