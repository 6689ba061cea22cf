"""A conversation with customer care, as the help desk tells of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from core.ids import uuid7


class Ticket(models.Model):
    """One ticket of one source; a projection of `ticket.opened` and `ticket.closed`.

    It may be opened again: what came last decides, a close that is as late as its opening wins.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=128)
    # Null until an event says whose it is.
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, related_name="tickets", db_index=False
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    # When subject and address were last told of.
    told_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    # The latest of each there was.
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # When we first heard of it.
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            # Events find their ticket by these two.
            models.UniqueConstraint(fields=["source", "external_id"], name="ticket_once"),
        ]
        indexes = [
            # The condition, the send guard and the contact's page ask for a contact's tickets.
            models.Index(fields=["contact", "status"], name="ticket_of_contact"),
        ]

    def __str__(self) -> str:
        return self.subject or self.external_id
