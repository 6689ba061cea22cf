"""What is known of customers from their orders; written with the orders that change it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from commerce.models.money import AmountField
from contacts.models import Contact


class CustomerProfile(models.Model):
    """Whether a contact buys as a person or as a business."""

    class Kind(models.TextChoices):
        PRIVATE = "private", _("Private")
        BUSINESS = "business", _("Business")

    contact = models.OneToOneField(
        Contact, models.CASCADE, primary_key=True, related_name="customer_profile"
    )
    kind = models.CharField(_("customer type"), max_length=10, choices=Kind, default=Kind.PRIVATE)
    company = models.CharField(_("company"), max_length=200, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"


class CustomerStats(models.Model):
    """Sums over a contact's orders that count: neither cancelled nor refunded nor deleted."""

    contact = models.OneToOneField(
        Contact, models.CASCADE, primary_key=True, related_name="customer_stats"
    )
    orders = models.PositiveIntegerField(default=0)
    spend = AmountField(default=0)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    # (last - first) / (orders - 1); null below two orders.
    interval = models.DurationField(null=True)
    # Categories bought from, their ancestors among them.
    category_ids = ArrayField(models.UUIDField(), default=list)

    class Meta:
        indexes = [
            # Time since last order.
            models.Index(fields=["last_order_at"], name="stats_last_order"),
            # Customers by spend.
            models.Index(fields=["spend"], name="stats_spend"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.orders}"


class ShopFigures(models.Model):
    """Medians over the whole shop, recomputed nightly; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    computed_at = models.DateTimeField()
    # Null where there is too little to tell.
    median_interval = models.DurationField(null=True)
    median_cart_value = AmountField(null=True)
    median_order_value = AmountField(null=True)

    def __str__(self) -> str:
        return f"{self.computed_at}"
