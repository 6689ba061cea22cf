"""What was done to drafts, so that it can be undone."""

from django.db import models

from journeys.models.journey import Journey


class DraftEdit(models.Model):
    """One change of a draft, to be undone and done again; the last hundred of each journey."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="edits", db_index=False)
    # In the order they were made; an edit made after undoing drops what was undone.
    number = models.PositiveIntegerField()
    # The operation, and the title of what it was done to: the words are made for each reader.
    kind = models.CharField(max_length=40)
    what = models.CharField(max_length=200, blank=True)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    # The draft as it was before; once undone, as it was after.
    definition = models.JSONField()
    is_undone = models.BooleanField(default=False)
    # The draft's revision since it was made, undone or done again last; by whom, and when.
    revision = models.PositiveIntegerField()
    turned_by_id = models.UUIDField(null=True)
    turned_by_name = models.CharField(max_length=120, blank=True)
    turned_at = models.DateTimeField()

    class Meta:
        constraints = [
            # What is undone or done again next; what is old enough to go.
            models.UniqueConstraint(fields=["journey", "number"], name="draft_edit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} #{self.number} {self.kind}"
