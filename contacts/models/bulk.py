"""Changes to more contacts than one request may touch."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class BulkAction(models.Model):
    """One tag put on, or taken off, everybody a filter holds for; resumes from `done_to`."""

    class Action(models.TextChoices):
        ADD_TAG = "add_tag", _("Add tag")
        REMOVE_TAG = "remove_tag", _("Remove tag")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=12, choices=Action)
    tag = models.CharField(max_length=60)
    # As contacts.listing.Filters writes them.
    filters = models.JSONField(default=dict)
    # Only contacts that were there when it was asked for.
    created_at = models.DateTimeField(default=timezone.now)
    # The last contact done, in the order of ids; written in the transaction of its batch.
    done_to = models.UUIDField(null=True)
    changed = models.PositiveIntegerField(default=0)
    created_by_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The bulk lane asks what is left to do.
            models.Index(
                fields=["created_at"],
                condition=models.Q(finished_at__isnull=True),
                name="bulk_action_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.tag}"
