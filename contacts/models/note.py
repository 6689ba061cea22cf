"""What colleagues wrote about a contact."""

from django.db import models
from django.utils import timezone

from contacts.models.contact import Contact


class Note(models.Model):
    """One note of one colleague."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    # Users live in the shared schema; the name stays readable when they leave.
    author_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=120)
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # The timeline of a contact.
        indexes = [models.Index(fields=["contact", "-created_at"], name="note_of_contact")]

    def __str__(self) -> str:
        return self.text[:60]
