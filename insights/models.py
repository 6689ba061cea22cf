"""Which message each order belongs to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Message
from commerce.models import Order
from contacts.models import Contact


class Attribution(models.Model):
    """An order that followed a click; its worth is read from the order, so that it stays true."""

    order = models.OneToOneField(
        Order, models.CASCADE, primary_key=True, related_name="attribution"
    )
    message = models.ForeignKey(Message, models.CASCADE, related_name="+", db_index=False)
    # Null once the person was erased: the order stays earned, nobody is named.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    journey_id = models.UUIDField(null=True)
    step_id = models.CharField(max_length=16, blank=True)
    campaign_id = models.UUIDField(null=True)
    clicked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attributed order")
        verbose_name_plural = _("attributed orders")
        indexes = [
            # What a journey and each of its steps earned, and who bought.
            models.Index(
                fields=["journey_id", "step_id"],
                condition=Q(journey_id__isnull=False),
                name="earned_by_step",
            ),
            # What a campaign earned.
            models.Index(
                fields=["campaign_id"],
                condition=Q(campaign_id__isnull=False),
                name="earned_by_campaign",
            ),
            # What one message earned.
            models.Index(fields=["message"], name="earned_by_message"),
            # Erasing a contact.
            models.Index(fields=["contact"], name="earned_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.message_id}"


class AttributionWindow(models.Model):
    """How long after a click an order still belongs to it, and how far that is carried out."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    days = models.PositiveSmallIntegerField(_("days after the click"), default=5)
    # After the window was changed: the last order looked at again. Null: all of them were.
    recounted_to = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.days} days"
