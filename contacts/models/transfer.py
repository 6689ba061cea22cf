"""Imports and exports: jobs whose rows say how far they got."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class ContactImport(models.Model):
    """One uploaded file on its way into contacts; resumes from `next_line` after any crash."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Columns to be matched")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=200)
    # SHA-256 of the content in hex: the same file is not imported twice at once.
    fingerprint = models.CharField(max_length=64, blank=True)
    # mailchimp, klaviyo or "" when not recognised
    origin = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=20, default="utf-8")
    delimiter = models.CharField(max_length=1, default=",")
    columns = models.JSONField(default=list)
    # {"column index": "target"}; targets as contacts.imports names them
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    # Lines below the header; a cell with line breaks counts more than once.
    total_rows = models.PositiveIntegerField(default=0)
    # The first line not yet imported, written in the same transaction as the rows before it.
    next_line = models.PositiveIntegerField(default=0)
    # Where that line begins in the stored file, in bytes.
    next_offset = models.PositiveBigIntegerField(default=0)
    # {"created": n, "updated": n, "unchanged": n, "failed": n, "kept_unsubscribed": n}
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Starting the same file a second time while it runs is refused.
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=models.Q(status__in=["queued", "running"]),
                name="import_running_once",
            ),
        ]
        indexes = [
            # The bulk lane asks what is left to do.
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="import_open",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportProblem(models.Model):
    """One refused row of an import, with its reason in words."""

    job = models.ForeignKey(ContactImport, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    row = models.JSONField(default=list)

    class Meta:
        constraints = [
            # The error report in line order; a resumed batch adds nothing twice.
            models.UniqueConstraint(fields=["job", "line"], name="import_problem_once"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"


class ContactExport(models.Model):
    """One file of contacts being written or ready to fetch."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    filters = models.JSONField(default=dict)
    file = models.FileField(upload_to="exports/", blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    rows = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The bulk lane asks what is left to do.
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="export_open",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.id}"
