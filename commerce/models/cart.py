"""Carts: what somebody meant to buy, until it is ordered or emptied."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from commerce.models.catalogue import Product
from commerce.models.money import AmountField
from commerce.models.order import Order
from contacts.models import Contact
from core.ids import uuid7


class Cart(models.Model):
    """One cart of one shop as it was last seen."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        EMPTIED = "emptied", _("Emptied")
        CONVERTED = "converted", _("Ordered")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40, default="api")
    external_id = models.CharField(max_length=128)
    # Null while nobody is known behind it. Indexed by cart_of_contact.
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, related_name="carts", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    currency = models.CharField(max_length=3)
    total = AmountField()
    value = AmountField()
    # What one unit of its currency was worth when it came in.
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    restore_url = models.URLField(max_length=1000, blank=True)
    started_at = models.DateTimeField(default=clock)
    # The customer's last change, by the shop's clock; idle counts from here.
    changed_at = models.DateTimeField(default=clock)
    ended_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="carts")

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            # Upserts by the shop's own id.
            models.UniqueConstraint(fields=["source", "external_id"], name="cart_once"),
        ]
        indexes = [
            # Carts that fell idle in a window of time.
            models.Index(fields=["changed_at"], condition=Q(status="open"), name="cart_idle"),
            # A contact's carts; those an order ends.
            models.Index(fields=["contact", "-changed_at"], name="cart_of_contact"),
        ]

    def __str__(self) -> str:
        return self.external_id


class CartLine(models.Model):
    """One product in a cart."""

    # Indexed by cart_line_once.
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    # Carts that hold a product which sold out.
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="cart_lines")
    product_external_id = models.CharField(max_length=128, blank=True)
    name = models.CharField(max_length=300)
    variant = models.CharField(max_length=200, blank=True)
    sku = models.CharField(max_length=100, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = AmountField()
    total = AmountField()
    url = models.URLField(max_length=1000, blank=True)
    image_url = models.URLField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            # A line is rewritten in place when its cart comes again.
            models.UniqueConstraint(fields=["cart", "position"], name="cart_line_once"),
        ]
        indexes = [
            # Lines waiting for a product that comes later.
            models.Index(
                fields=["product_external_id"],
                condition=Q(product__isnull=True) & ~Q(product_external_id=""),
                name="cart_line_unlinked",
            ),
        ]

    def __str__(self) -> str:
        return self.name
