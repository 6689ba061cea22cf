"""Coupons and the codes handed out for them."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from commerce.models.money import AmountField
from commerce.models.order import Order
from contacts.models import Contact
from core.ids import uuid7


class Coupon(models.Model):
    """An offer: what it gives, who may have it, and where its codes come from."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        SHIPPING = "shipping", _("Free shipping")

    class Codes(models.TextChoices):
        GENERATED = "generated", _("Made here, one a person")
        POOL = "pool", _("From a list made in the shop")
        SHARED = "shared", _("One code for everybody")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERCENT)
    amount = AmountField(_("amount"), default=0)
    currency = models.CharField(max_length=3, blank=True)
    codes = models.CharField(_("codes"), max_length=10, choices=Codes, default=Codes.GENERATED)
    prefix = models.CharField(_("prefix"), max_length=20, blank=True)
    # The one code of SHARED, and what everybody gets when a pool is used up; "" for nothing.
    fallback_code = models.CharField(_("fallback code"), max_length=60, blank=True)
    valid_hours = models.PositiveIntegerField(_("valid for"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    # Eligibility; null or 0 asks nothing.
    min_spend = AmountField(_("spent at least"), null=True)
    min_orders = models.PositiveIntegerField(_("orders at least"), null=True)
    max_orders = models.PositiveIntegerField(_("orders at most"), null=True)
    none_in_days = models.PositiveIntegerField(_("no code in the last days"), null=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CouponCode(models.Model):
    """One code: waiting in a pool, or issued to one person by one step."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    coupon = models.ForeignKey(Coupon, models.CASCADE, related_name="code_rows", db_index=False)
    # As the customer types it, upper case.
    code = models.CharField(_("code"), max_length=60)
    # A code that many have, each in a row of their own: SHARED, and fallbacks of pools.
    is_shared = models.BooleanField(default=False)
    # Null in the pool. Indexed by code_of_contact.
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="coupon_codes", db_index=False
    )
    enrolment_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    step_id = models.CharField(max_length=16, blank=True)
    visit = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    redeemed_order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock)

    class Meta:
        constraints = [
            # Redemption by code; a pool loaded twice adds nothing.
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_shared=False), name="code_once"
            ),
            # A step done twice issues one code.
            models.UniqueConstraint(
                fields=["enrolment_id", "step_id", "visit"],
                condition=Q(enrolment_id__isnull=False),
                name="code_of_step_once",
            ),
        ]
        indexes = [
            # The next code of a pool; how many are left.
            models.Index(
                fields=["coupon", "id"], condition=Q(issued_at__isnull=True), name="code_free"
            ),
            # Redemption of a code that many have.
            models.Index(
                fields=["code", "contact"], condition=Q(is_shared=True), name="code_shared"
            ),
            # A contact's codes; "no code in the last N days".
            models.Index(fields=["contact", "-issued_at"], name="code_of_contact"),
            # Figures on a journey's steps, and the people behind them.
            models.Index(
                fields=["journey_id", "step_id"],
                condition=Q(journey_id__isnull=False),
                name="code_by_step",
            ),
            # Codes of a coupon, newest first.
            models.Index(fields=["coupon", "-issued_at"], name="code_of_coupon"),
        ]

    def __str__(self) -> str:
        return self.code
