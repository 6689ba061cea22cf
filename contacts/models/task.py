"""Something a colleague is to do about a contact."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from core.ids import uuid7


class Task(models.Model):
    """One thing to do; open until `done_at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="tasks")
    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    # Users live in the shared schema; null is anybody of the team.
    assignee_id = models.UUIDField(null=True)
    due_at = models.DateTimeField(_("due"), null=True)
    done_at = models.DateTimeField(null=True)
    done_by_id = models.UUIDField(null=True)
    # "journey:<enrolment>:<step>:<visit>"; "" for one made by hand.
    source_key = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            # A step that runs twice makes one task.
            models.UniqueConstraint(
                fields=["source_key"], condition=~Q(source_key=""), name="task_once"
            ),
        ]
        indexes = [
            # The page of open tasks, one's own first, and the figure in the side bar.
            models.Index(
                fields=["assignee_id", "due_at"],
                condition=Q(done_at__isnull=True),
                name="task_open",
            ),
            # The page of done tasks, newest first.
            models.Index(fields=["-done_at"], condition=Q(done_at__isnull=False), name="task_done"),
        ]

    def __str__(self) -> str:
        return self.title
