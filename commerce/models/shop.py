"""Shops that tell of their orders by webhook, and what their customers ask of their data."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.ids import uuid7
from core.secrets import EncryptedJSONField, new_token


def new_shop_token() -> str:
    """The unguessable part of a shop's webhook address."""
    return new_token(length=24)


class Shop(models.Model):
    """A connected shop. It is kept when it is disconnected, so that its rows find it again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # A key of commerce.shop_kinds.shops.
    kind = models.CharField(_("kind"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    # The `source` of its orders, products and carts; never used for another shop.
    key = models.CharField(max_length=40)
    # What its products are priced in: webhooks of products do not say.
    currency = models.CharField(_("currency"), max_length=3)
    token = models.CharField(max_length=64, default=new_shop_token)
    # {"secret": what the shop signs with}.
    credentials = EncryptedJSONField()
    # False: what comes is stored, and read once it is on again.
    is_active = models.BooleanField(_("active"), default=True)
    # The shop's own word that it sends nothing more.
    left_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)
    # The last call whose signature was right.
    last_seen_at = models.DateTimeField(null=True)
    # Calls whose signature was wrong, since one was right.
    refused = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [
            # Reading a stored call finds its shop; two shops never share rows.
            models.UniqueConstraint(fields=["key"], name="shop_key_once"),
            # The door finds the shop by its address.
            models.UniqueConstraint(fields=["token"], name="shop_token_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ShopAccount(models.Model):
    """A customer account of a shop: whose it is, and how new what is known of it is."""

    # Indexed by shop_account_once.
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="accounts", db_index=False)
    external_id = models.CharField(max_length=128)
    # Erasing a contact takes its accounts along.
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="shop_accounts")
    # The shop's own time of change: an older one fills gaps only.
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            # News of an account is compared with what came before.
            models.UniqueConstraint(fields=["shop", "external_id"], name="shop_account_once"),
        ]

    def __str__(self) -> str:
        return self.external_id


class DataRequest(models.Model):
    """What a customer, or a shop for all of them, asks to be done with personal data."""

    class Kind(models.TextChoices):
        EXPORT = "export", _("Wants a copy of their data")
        ERASE = "erase", _("Wants to be forgotten")
        ERASE_SHOP = "erase_shop", _("The shop asks that its customers be forgotten")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="data_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    # Null: nobody here by that name, or erased.
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="data_requests")
    # The stored call it came with.
    delivery_id = models.UUIDField()
    asked_at = models.DateTimeField()
    # Null while somebody has to see to it.
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("data request")
        verbose_name_plural = _("data requests")
        constraints = [
            # A call that is read again asks nothing new.
            models.UniqueConstraint(fields=["delivery_id", "kind"], name="data_request_once"),
        ]
        indexes = [
            # The list of shops shows what is to be done; the home page counts it.
            models.Index(
                fields=["asked_at"], condition=Q(done_at__isnull=True), name="data_request_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.asked_at}"
