"""Lists of codes that are nearly used up."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.models import Coupon
from core.attention import Concern, concerns

FEW = 20


def short_pools(now: datetime) -> "QuerySet[Coupon]":
    """Coupons in use whose list has fewer than 20 codes left."""
    free = Q(
        code_rows__issued_at__isnull=True,
        code_rows__redeemed_at__isnull=True,
        code_rows__is_shared=False,
        code_rows__id__isnull=False,
    )
    pools = Coupon.objects.filter(codes=Coupon.Codes.POOL, is_active=True)
    pools = pools.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    return pools.annotate(left=Count("code_rows", filter=free)).filter(left__lt=FEW)


def _words(count: int) -> tuple[str, str]:
    text = _("Add codes before people go without.")
    pool: Any = short_pools(timezone.now()).first() if count == 1 else None
    if pool is not None:
        title = ngettext(
            "“%(name)s” has %(n)s code left", "“%(name)s” has %(n)s codes left", pool.left
        )
        return title % {"name": pool.name, "n": pool.left}, text
    title = ngettext("%(n)s coupon runs out of codes", "%(n)s coupons run out of codes", count)
    return title % {"n": count}, text


concerns.register(
    Concern(
        "short_pools",
        "ticket-percent",
        "warn",
        short_pools,
        _words,
        gettext_lazy("Look"),
        "commerce:coupons",
        order=40,
    )
)
