"""Reviews of products, and who was asked for them."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Avg, Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.ids import uuid7

STARS = (1, 2, 3, 4, 5)


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reads of reviews."""

    def published(self) -> "ReviewQuerySet":
        """Those everybody may read."""
        return self.filter(status=Review.Status.PUBLISHED)

    def of_product(self, product: str, product_id: object | None) -> "ReviewQuerySet":
        """Those of one product, by its id when there is one, else by its article number."""
        if product_id:
            return self.filter(product_id=product_id)
        return self.filter(sku=product)

    def figures(self) -> "ReviewFigures":
        """How many, and the average stars."""
        found = self.aggregate(
            count=Count("pk"),
            average=Avg("stars"),
            **{f"of_{stars}": Count("pk", filter=Q(stars=stars)) for stars in STARS},
        )
        return ReviewFigures(found)


class ReviewFigures:
    """Average stars with the count beside it, and how many of each."""

    def __init__(self, found: dict[str, object]) -> None:
        self.count = int(str(found["count"]))
        average = found["average"]
        self.average = None if average is None else round(Decimal(str(average)), 1)
        self.by_stars = {stars: int(str(found[f"of_{stars}"])) for stars in STARS}


class ReviewRequest(models.Model):
    """One person was asked to review the products of one order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="review_requests")
    enrolment_id = models.UUIDField(null=True)
    journey_id = models.UUIDField(null=True)
    step_id = models.CharField(max_length=40, blank=True)
    visit = models.PositiveIntegerField(default=0)
    # Orders and their lines are a sibling's rows; the ids are theirs.
    order_id = models.UUIDField(null=True)
    # [{"line_id", "product_id", "name", "sku", "url", "image_url"}, ...]
    items = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("review request")
        verbose_name_plural = _("review requests")
        constraints = [
            # The step may be run again after a crash: it asks once.
            models.UniqueConstraint(
                fields=["enrolment_id", "step_id", "visit"], name="review_request_once_a_visit"
            ),
        ]
        indexes = [
            # The newest of a contact: merge field, panel, condition.
            models.Index(fields=["contact", "-asked_at"], name="review_request_of_contact"),
            # Figures of a journey's steps.
            models.Index(fields=["journey_id", "step_id"], name="review_request_of_step"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.contact_id}"


class Review(models.Model):
    """What a customer says about a product they bought; everybody reads it once published."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PUBLISHED = "published", _("Published")
        REFUSED = "refused", _("Refused")

    class Refusal(models.TextChoices):
        """Reasons that look at the words, never at the stars."""

        OFFENSIVE = "offensive", _("Insulting or offensive")
        PERSONAL = "personal", _("Shows personal data of somebody")
        ADVERTISING = "advertising", _("Advertising or links")
        OFF_TOPIC = "off_topic", _("Not about the product")
        UNLAWFUL = "unlawful", _("Against the law")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="reviews")
    request = models.ForeignKey(ReviewRequest, models.SET_NULL, null=True, related_name="reviews")
    order_id = models.UUIDField(null=True)
    line_id = models.UUIDField()
    product_id = models.UUIDField(null=True)
    product_name = models.CharField(max_length=300)
    product_url = models.CharField(max_length=2000, blank=True)
    image_url = models.CharField(max_length=2000, blank=True)
    sku = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="en")
    stars = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    photo = models.FileField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    refused_for = models.CharField(max_length=20, choices=Refusal, blank=True)
    moderated_at = models.DateTimeField(null=True)
    # Users live in the shared schema; the name stays readable when they leave.
    moderated_by = models.CharField(max_length=120, blank=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            # One review per bought line; writing again changes it.
            models.UniqueConstraint(fields=["contact", "line_id"], name="review_once_a_line"),
            # The figures of the widget rely on it.
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="review_stars"),
        ]
        indexes = [
            # The queue of reviews, newest first, and its pill in the side bar.
            models.Index(fields=["status", "-id"], name="review_of_status"),
            # The widget on a product's page.
            models.Index(fields=["product_id", "status"], name="review_of_product"),
            models.Index(fields=["sku", "status"], name="review_of_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} {self.product_name}"

    @property
    def author(self) -> str:
        """Who wrote it, as strangers may read it: a first name and an initial."""
        first, last = self.contact.first_name.strip(), self.contact.last_name.strip()
        if not first:
            return _now("A customer")
        return f"{first} {last[0]}." if last else first
