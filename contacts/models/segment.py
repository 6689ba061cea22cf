"""A saved segment: a tree of conditions under a name."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class Segment(models.Model):
    """Who is in is never stored: it is asked each time, of `contacts.segments`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    # As contacts.segments.clean_tree leaves it.
    tree = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            # Two segments are told apart by their names; the list is in this order.
            models.UniqueConstraint(Lower("name"), name="segment_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
