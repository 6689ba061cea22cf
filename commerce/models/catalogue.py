"""Products, their variants, the tree of categories, and who looked at what."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now as clock
from django.utils.translation import gettext_lazy as _

from commerce.models.money import AmountField
from contacts.models import Contact
from core.ids import uuid7


class Category(models.Model):
    """A shelf of the shop; `path` holds the ids from the root down to itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40, default="api")
    external_id = models.CharField(max_length=128)
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    # As the shop names it: the parent may come later than its child.
    parent_external_id = models.CharField(max_length=128, blank=True)
    path = ArrayField(models.UUIDField(), default=list)
    # The sender's own time of change: an older one changes nothing.
    changed_at = models.DateTimeField(default=clock)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            # Upserts by the shop's own id.
            models.UniqueConstraint(fields=["source", "external_id"], name="category_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something for sale, as its shop last described it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=40, default="api")
    external_id = models.CharField(max_length=128)
    name = models.CharField(_("name"), max_length=300)
    sku = models.CharField(max_length=100, blank=True)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    image_url = models.URLField(_("picture"), max_length=1000, blank=True)
    currency = models.CharField(max_length=3)
    price = AmountField(_("price"))
    # Null: the shop does not count this product.
    stock = models.IntegerField(_("in stock"), null=True)
    # False: taken off sale; never offered, whatever its stock.
    is_on_sale = models.BooleanField(_("on sale"), default=True)
    categories = models.ManyToManyField(Category, through="ProductCategory")
    # As the shop names them: a category may come later than its products.
    category_external_ids = ArrayField(models.CharField(max_length=128), default=list)
    created_at = models.DateTimeField(default=clock)
    changed_at = models.DateTimeField(default=clock)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            # Upserts by the shop's own id; lines name products by it.
            models.UniqueConstraint(fields=["source", "external_id"], name="product_once"),
        ]
        indexes = [
            # The product list.
            models.Index(fields=["name", "id"], name="product_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def can_be_bought() -> Q:
        """The filter for products that may be offered."""
        return Q(is_on_sale=True) & (Q(stock__isnull=True) | Q(stock__gt=0))


class ProductCategory(models.Model):
    """A product on a shelf."""

    # Indexed by on_shelf_once.
    product = models.ForeignKey(Product, models.CASCADE, related_name="shelves", db_index=False)
    # Products of a category.
    category = models.ForeignKey(Category, models.CASCADE, related_name="shelves")

    class Meta:
        constraints = [
            # A product stands once on a shelf.
            models.UniqueConstraint(fields=["product", "category"], name="on_shelf_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.category_id}"


class Variant(models.Model):
    """A size or colour of a product, with its own price and stock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", db_index=False)
    external_id = models.CharField(max_length=128)
    name = models.CharField(max_length=200, blank=True)
    sku = models.CharField(max_length=100, blank=True)
    price = AmountField(null=True)
    stock = models.IntegerField(null=True)

    class Meta:
        constraints = [
            # Upserts by the shop's own id.
            models.UniqueConstraint(fields=["product", "external_id"], name="variant_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductView(models.Model):
    """When somebody last looked at a product, and how often they have."""

    # Indexed by viewed_once.
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="product_views", db_index=False
    )
    product = models.ForeignKey(Product, models.CASCADE, related_name="views", db_index=False)
    times = models.PositiveIntegerField(default=1)
    first_viewed_at = models.DateTimeField()
    last_viewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            # One row a person and product, raised by every view.
            models.UniqueConstraint(fields=["contact", "product"], name="viewed_once"),
        ]
        indexes = [
            # Viewed and not bought: views of a window of time.
            models.Index(fields=["last_viewed_at"], name="product_view_when"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.product_id}"
