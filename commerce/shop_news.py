"""Taking in what the calls of one shop tell, all of one sort in one go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from commerce.ingest import take_carts, take_categories, take_orders, take_products
from commerce.models import Cart, OrderLine, Product, Shop
from commerce.shapes import NewCart, NewProduct, NewVariant, OrderNews, Taken
from commerce.shop_customers import answer_wishes, take_customers
from commerce.shop_kinds import Gone, News, Parcel
from events.contracts import Failed, Ignored, Later, Outcome

# News of something that has not come yet waits for it: often at first, then hourly, then no more.
SOON, PATIENCE = timedelta(minutes=10), timedelta(days=2)
OFTEN, SELDOM = timedelta(minutes=1), timedelta(hours=1)
UNKNOWN_ORDER = "unknown_order"


@dataclass(frozen=True)
class Told:
    """One call in our words."""

    delivery_id: UUID
    received_at: datetime
    news: News


@dataclass
class Intake:
    """The calls of one shop that are taken in together, and what becomes of them."""

    shop: Shop
    now: datetime
    told: Sequence[Told]
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)

    def items(self, sort: str) -> list[tuple[Told, Any]]:
        """What they tell of one sort, each with its call."""
        read = attrgetter(sort)
        return [(told, item) for told in self.told for item in read(told.news)]

    def take(self, pairs: Sequence[tuple[Told, Any]], service: Callable[..., list[Taken]]) -> None:
        """Hand items to a service of commerce.ingest, and keep why it refused some."""
        if not pairs:
            return
        items = [item for _told, item in pairs]
        answers = service(items=items, source=self.shop.key, now=self.now)
        for (told, _item), taken in zip(pairs, answers, strict=True):
            if taken.code == UNKNOWN_ORDER:
                self.wait(told, _("Its order has not come yet."))
            elif taken.code:
                self.outcomes[told.delivery_id] = Failed(taken.message)

    def wait(self, told: Told, reason: str) -> None:
        """Try a call again later, for as long as there is hope."""
        age = self.now - told.received_at
        if age > PATIENCE:
            self.outcomes[told.delivery_id] = Ignored(_("What it is about never came."))
        else:
            due_at = self.now + (OFTEN if age < SOON else SELDOM)
            self.outcomes[told.delivery_id] = Later(due_at, reason)


def take_news(*, shop: Shop, told: Sequence[Told], now: datetime) -> dict[UUID, Outcome]:
    """Write what the calls tell, in the caller's transaction; why some are not simply done.

    In which order calls come, or how often, makes no difference to what is left.
    """
    intake = Intake(shop, now, told)
    for each in told:
        if each.news.notes:
            intake.outcomes[each.delivery_id] = Failed(" ".join(each.news.notes))
        elif each.news.ignored:
            intake.outcomes[each.delivery_id] = Ignored(each.news.ignored)
    intake.take(intake.items("categories"), take_categories)
    intake.take(intake.items("products"), take_products)
    intake.take(list(_gone_products(intake)), take_products)
    intake.take(intake.items("carts"), take_carts)
    intake.take([*intake.items("orders"), *intake.items("changes")], take_orders)
    intake.take(list(_whole_parcels(intake)), take_orders)
    intake.take(list(_gone_carts(intake)), take_carts)
    take_customers(shop=shop, customers=[item for _t, item in intake.items("customers")], now=now)
    _note_leaving(intake)
    answer_wishes(
        shop=shop,
        wishes=[
            (each.delivery_id, each.received_at, wish) for each, wish in intake.items("wishes")
        ],
        now=now,
    )
    return intake.outcomes


def _note_leaving(intake: Intake) -> None:
    left = [each.received_at for each in intake.told if each.news.has_left]
    if left:
        Shop.objects.filter(pk=intake.shop.pk).update(left_at=max(left))


def _gone_products(intake: Intake) -> Iterable[tuple[Told, NewProduct]]:
    """The products as they are known, no longer on sale."""
    gone: list[tuple[Told, Gone]] = intake.items("gone_products")
    if not gone:
        return
    known = Product.objects.filter(
        source=intake.shop.key, external_id__in={item.external_id for _told, item in gone}
    ).prefetch_related("variants")
    products = {product.external_id: product for product in known}
    for told, item in gone:
        if product := products.get(item.external_id):
            yield told, _off_sale(product, item.changed_at)
        else:
            intake.wait(told, _("Its product has not come yet."))


def _off_sale(product: Product, changed_at: datetime) -> NewProduct:
    return NewProduct(
        external_id=product.external_id,
        name=product.name,
        price=product.price,
        currency=product.currency,
        sku=product.sku,
        url=product.url,
        image_url=product.image_url,
        stock=product.stock,
        is_on_sale=False,
        category_external_ids=tuple(product.category_external_ids),
        variants=tuple(
            NewVariant(each.external_id, each.name, each.sku, each.price, each.stock)
            for each in product.variants.all()
        ),
        changed_at=max(changed_at, product.changed_at),
    )


def _gone_carts(intake: Intake) -> Iterable[tuple[Told, NewCart]]:
    """The carts as they are known, with nothing in them."""
    gone: list[tuple[Told, Gone]] = intake.items("gone_carts")
    if not gone:
        return
    known = Cart.objects.filter(
        source=intake.shop.key, external_id__in={item.external_id for _told, item in gone}
    )
    currencies = dict(known.values_list("external_id", "currency"))
    for told, item in gone:
        if currency := currencies.get(item.external_id):
            yield (
                told,
                NewCart(item.external_id, currency, Decimal(0), changed_at=item.changed_at),
            )
        else:
            intake.wait(told, _("Its cart has not come yet."))


def _whole_parcels(intake: Intake) -> Iterable[tuple[Told, OrderNews]]:
    """News of the orders whose parcels hold all of them."""
    parcels: list[tuple[Told, Parcel]] = intake.items("parcels")
    if not parcels:
        return
    lines = OrderLine.objects.filter(
        order__source=intake.shop.key,
        order__external_id__in={parcel.news.external_id for _told, parcel in parcels},
    )
    counted = lines.values_list("order__external_id").annotate(pieces=Sum("quantity"))
    pieces = dict(counted)
    for told, parcel in parcels:
        if parcel.quantity >= pieces.get(parcel.news.external_id, Decimal(0)):
            yield told, parcel.news
        else:
            reason = _("A part of the order. The order itself says when all of it is on its way.")
            intake.outcomes[told.delivery_id] = Ignored(reason)
