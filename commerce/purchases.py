"""Who bought what, as filters on contacts; each bounded by the moment it is asked for.

The sums of `CustomerStats` are of today. They can only be larger than those of an earlier moment,
so they narrow first, and settle it where the last order is not later than the moment asked for.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Greatest, Round

from commerce.models import Category, CustomerStats, Order, OrderLine, ProductCategory

NET = Greatest(F("value") - Round(F("refunded") * F("rate"), 3), Value(Decimal(0)))

Config = Mapping[str, Any]


def amount(config: Config, name: str) -> Decimal | None:
    """The amount of this name, or None where none was given."""
    given = config.get(name)
    return None if given in (None, "") else Decimal(str(given))


def within(config: Config, now: datetime) -> Q:
    """The window of `within_days` and `older_than_days` up to now, on `placed_at`."""
    window = Q(placed_at__lte=now)
    if days := config.get("within_days"):
        window &= Q(placed_at__gt=now - timedelta(days=int(days)))
    if days := config.get("older_than_days"):
        window &= Q(placed_at__lte=now - timedelta(days=int(days)))
    return window


def of_lines(config: Config) -> Q:
    """Which lines: category with its descendants, product, value at least X and less than Y."""
    chosen = Q()
    if category := config.get("category"):
        inside = Category.objects.filter(path__contains=[category])
        shelves = ProductCategory.objects.filter(category__in=inside)
        chosen &= Q(product__in=shelves.values("product"))
    if product := config.get("product"):
        chosen &= Q(product=product)
    if (least := amount(config, "min_line_value")) is not None:
        chosen &= Q(value__gte=least)
    if (below := amount(config, "max_line_value")) is not None:
        chosen &= Q(value__lt=below)
    return chosen


def ordered_at_least(times: int, config: Config, now: datetime) -> Q:
    """Those with at least so many orders that count, in the window, with such a line."""
    if times <= 0:
        return Q()
    lines = of_lines(config)
    if lines:
        return _with_lines(times, lines & within(config, now))
    return _with_orders(times, within(config, now), now, has_window=_has_window(config))


def _has_window(config: Config) -> bool:
    return bool(config.get("within_days") or config.get("older_than_days"))


def _with_lines(times: int, chosen: Q) -> Q:
    """Starts from the lines, of which an index finds the few; counts only for who has one."""
    lines = OrderLine.objects.filter(chosen, contact=OuterRef("pk"), counts=True)
    if times > 1:
        again = OrderLine.objects.filter(chosen, contact=OuterRef("contact"), counts=True)
        orders = again.order_by().values("contact").annotate(n=Count("order", distinct=True))
        lines = lines.filter(Exists(orders.filter(n__gte=times).values("contact")))
    return Q(Exists(lines))


def _with_orders(times: int, window: Q, now: datetime, *, has_window: bool) -> Q:
    orders = Order.objects.counted().filter(window, contact=OuterRef("contact"))
    count = orders.order_by().values("contact").annotate(n=Count("pk"))
    exact = Q(Exists(count.filter(n__gte=times).values("contact")))
    return _by_stats(Q(orders__gte=times), exact, now, has_window=has_window)


def spent_at_least(least: Decimal, config: Config, now: datetime) -> Q:
    """Those whose orders in the window come to at least this, less what was refunded."""
    if least <= 0:
        return Q()
    orders = Order.objects.counted().filter(within(config, now), contact=OuterRef("contact"))
    sums = orders.order_by().values("contact").annotate(sum=Sum(NET))
    exact = Q(Exists(sums.filter(sum__gte=least).values("contact")))
    return _by_stats(Q(spend__gte=least), exact, now, has_window=_has_window(config))


def _by_stats(enough: Q, exact: Q, now: datetime, *, has_window: bool) -> Q:
    stats = CustomerStats.objects.filter(enough, contact=OuterRef("pk"))
    settled = Q() if has_window else Q(last_order_at__lte=now)
    return Q(Exists(stats.filter(settled | exact) if settled else stats.filter(exact)))


def last_order_between(since: datetime | None, until: datetime | None, now: datetime) -> Q:
    """Those whose last order by now was after `since` and not after `until`."""
    earlier = Order.objects.counted().filter(contact=OuterRef("contact"), placed_at__lte=now)
    newest = Subquery(earlier.order_by("-placed_at").values("placed_at")[:1])
    bounds = [(sign, moment) for sign, moment in (("gt", since), ("lte", until)) if moment]
    today, band = ({f"{name}__{sign}": moment for sign, moment in bounds}
                   for name in ("last_order_at", "last"))  # fmt: skip
    now_true = CustomerStats.objects.filter(
        Q(last_order_at__lte=now), contact=OuterRef("pk"), **today
    )
    later = CustomerStats.objects.filter(contact=OuterRef("pk"), last_order_at__gt=now)
    return Q(Exists(now_true)) | Q(Exists(later.annotate(last=newest).filter(**band)))
