"""What is bought together, what sells, and what somebody was just shown."""

from django.db import models

from commerce.models.catalogue import Product
from contacts.models import Contact


class ProductPair(models.Model):
    """How much more often two products are bought by the same person than by chance."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pairs", db_index=False)
    other = models.ForeignKey(Product, models.CASCADE, related_name="+", db_index=False)
    together = models.PositiveIntegerField()
    lift = models.FloatField()
    # 1 for the best of a product.
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            # Recommendations read the best few of each product bought.
            models.UniqueConstraint(fields=["product", "rank"], name="pair_by_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.other_id}"


class ProductRank(models.Model):
    """How a product sells; the fallback when nothing is known of a person."""

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="rank")
    buyers = models.PositiveIntegerField(default=0)
    recent_buyers = models.PositiveIntegerField(default=0)
    # 1 for the most popular.
    rank = models.PositiveIntegerField()

    class Meta:
        indexes = [
            # The popular ones, best first.
            models.Index(fields=["rank"], name="product_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} #{self.rank}"


class ShownProduct(models.Model):
    """A recommendation somebody got, so that the next mail shows something else."""

    # Indexed by shown_once.
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="shown_products", db_index=False
    )
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_index=False)
    shown_at = models.DateTimeField()

    class Meta:
        constraints = [
            # One row a person and product, moved on by every showing.
            models.UniqueConstraint(fields=["contact", "product"], name="shown_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.product_id}"
