"""Orders and their lines, in the state the newest news left them in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from commerce.models.catalogue import Product
from commerce.models.money import AmountField
from contacts.models import Contact
from core.ids import uuid7


class OrderQuerySet(models.QuerySet["Order"]):
    """Reads of orders that chain."""

    def counted(self) -> "OrderQuerySet":
        """Those that count: neither cancelled nor refunded nor deleted."""
        return self.exclude(status__in=Order.VOID).filter(is_deleted=False)


class Order(models.Model):
    """One order of one shop; each moment it passed is kept, whatever order the news came in."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Placed")
        PAID = "paid", _("Paid")
        FULFILLED = "fulfilled", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    # What takes an order out of the statistics.
    VOID = (Status.CANCELLED, Status.REFUNDED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40, default="api")
    external_id = models.CharField(max_length=128)
    number = models.CharField(_("number"), max_length=60, blank=True)
    # Null: nobody we may know placed it, or whoever did was erased. Indexed by order_of_contact.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="orders", db_index=False
    )
    status = models.CharField(_("status"), max_length=10, choices=Status)
    currency = models.CharField(max_length=3)
    total = AmountField(_("total"))
    discount = AmountField(default=0)
    shipping = AmountField(default=0)
    refunded = AmountField(default=0)
    # The total in the workspace's main currency, at the rate of the day it came in.
    value = AmountField()
    # That rate, kept: its refunds and later versions are told at the same one.
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    coupon_codes = ArrayField(models.CharField(max_length=60), default=list)
    # The shop's id of the cart it came from.
    cart_external_id = models.CharField(max_length=128, blank=True)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    # The sender's own time of change: older news fills gaps and overwrites nothing.
    changed_at = models.DateTimeField(default=clock)
    # Deleted at the shop: kept, and left out of everything.
    is_deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            # Upserts by the shop's own id: a repeated delivery makes no second order.
            models.UniqueConstraint(fields=["source", "external_id"], name="order_once"),
        ]
        indexes = [
            # A contact's orders; statistics of the contacts in a batch.
            models.Index(fields=["contact", "placed_at"], name="order_of_contact"),
            # The order list, newest first; orders of a window.
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            # Journeys that begin some days after an order arrived, or else was sent.
            models.Index(
                fields=["delivered_at"],
                condition=Q(delivered_at__isnull=False),
                name="order_delivered",
            ),
            models.Index(
                fields=["fulfilled_at"],
                condition=Q(delivered_at__isnull=True, fulfilled_at__isnull=False),
                name="order_on_its_way",
            ),
            # Which cart became this order.
            models.Index(
                fields=["source", "cart_external_id"],
                condition=~Q(cart_external_id=""),
                name="order_of_cart",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.external_id


class OrderLine(models.Model):
    """One product of an order, with what time-born entries ask of it beside it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Indexed by line_once.
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    # Null: a product the catalogue does not know.
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, related_name="order_lines", db_index=False
    )
    product_external_id = models.CharField(max_length=128, blank=True)
    name = models.CharField(max_length=300)
    variant = models.CharField(max_length=200, blank=True)
    sku = models.CharField(max_length=100, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = AmountField()
    total = AmountField()
    value = AmountField()
    # As the shop sent them, for a product the catalogue does not know.
    url = models.URLField(max_length=1000, blank=True)
    image_url = models.URLField(max_length=1000, blank=True)
    # From the order, kept equal by the one statement that writes both: five million lines are
    # found by day without touching their orders.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="order_lines", db_index=False
    )
    placed_at = models.DateTimeField()
    # False for lines of cancelled, refunded and deleted orders.
    counts = models.BooleanField(default=True)

    class Meta:
        constraints = [
            # A line is rewritten in place when its order comes again.
            models.UniqueConstraint(fields=["order", "position"], name="line_once"),
        ]
        indexes = [
            # Lines of a day so and so long ago.
            models.Index(fields=["placed_at"], condition=Q(counts=True), name="line_by_day"),
            # What a contact bought, and when.
            models.Index(
                fields=["contact", "product", "placed_at"],
                condition=Q(counts=True),
                name="line_of_contact",
            ),
            # Lines waiting for a product that comes later.
            models.Index(
                fields=["product_external_id"],
                condition=Q(product__isnull=True) & ~Q(product_external_id=""),
                name="line_unlinked",
            ),
            # Who bought a product, and when; what is bought together.
            models.Index(
                fields=["product", "placed_at"], condition=Q(counts=True), name="line_of_product"
            ),
        ]

    def __str__(self) -> str:
        return self.name
