"""Who may have a code of a coupon, as one filter on contacts."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from commerce.models import Coupon, CouponCode, CustomerStats

NOBODY = Q(pk__in=[])


def free_codes(coupon: Coupon) -> Q:
    """The filter for codes of a pool that nobody has."""
    return Q(coupon=coupon, is_shared=False, issued_at__isnull=True, redeemed_at__isnull=True)


def may_have(coupon: Coupon, now: datetime) -> Q:
    """The filter on Contact for those whom the coupon's rules let have a code now.

    Orders and spend count as they stand; codes handed out count by their date.
    """
    if not coupon.is_active or (coupon.expires_at and coupon.expires_at <= now):
        return NOBODY
    rules = [_has_codes(coupon)]
    stats = CustomerStats.objects.filter(contact=OuterRef("pk"))
    if coupon.min_spend:
        rules.append(Q(Exists(stats.filter(spend__gte=coupon.min_spend))))
    if coupon.min_orders:
        rules.append(Q(Exists(stats.filter(orders__gte=coupon.min_orders))))
    if coupon.max_orders is not None:
        rules.append(~Q(Exists(stats.filter(orders__gt=coupon.max_orders))))
    if coupon.none_in_days:
        rules.append(_had_none(now - timedelta(days=coupon.none_in_days), now))
    return Q(*(rule for rule in rules if rule))


def _has_codes(coupon: Coupon) -> Q:
    if coupon.codes != Coupon.Codes.POOL or coupon.fallback_code:
        return Q()
    return Q(Exists(CouponCode.objects.filter(free_codes(coupon))))


def _had_none(since: datetime, now: datetime) -> Q:
    """No code of any coupon in the window."""
    codes = CouponCode.objects.filter(
        contact=OuterRef("pk"), issued_at__gt=since, issued_at__lte=now
    )
    return ~Q(Exists(codes))
