"""The currencies a workspace sells in. Orders keep the value they came in with."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Cart, Currency, Order
from core.errors import Invalid
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User

RATE_LIMIT = Decimal(10) ** 9


def save_currency(*, code: str, rate: Decimal, by: User, now: datetime) -> Currency:
    """Add a currency, or change what one unit of it is worth; the main one is always worth 1."""
    with transaction.atomic():
        known = Currency.objects.select_for_update().filter(pk=code).first()
        if known and known.is_main:
            raise Invalid("main_currency", _("The main currency is always worth 1."))
        currency, _created = Currency.objects.update_or_create(code=code, defaults={"rate": rate})
        _tell("currency.saved", code, by, now, rate=str(rate))
    return currency


def choose_main_currency(*, code: str, by: User, now: datetime) -> None:
    """Tell values in another currency; only before there are values to tell.

    Raises Invalid once there are orders or carts, and for a currency that is not on the list.
    """
    with transaction.atomic():
        rows = {row.code: row for row in Currency.objects.select_for_update().order_by("code")}
        if code not in rows:
            raise Invalid("unknown_currency", _("Add this currency first."))
        if rows[code].is_main:
            return
        if has_values():
            raise Invalid(
                "currency_in_use",
                _("The main currency stays as it is once there are orders or carts."),
            )
        Currency.objects.filter(is_main=True).update(is_main=False)
        Currency.objects.filter(pk=code).update(is_main=True, rate=1)
        _tell("currency.main", code, by, now)


def remove_currency(*, code: str, by: User, now: datetime) -> None:
    """Take a currency off the list; what came in it stays. Raises Invalid for the main one."""
    with transaction.atomic():
        currency = Currency.objects.select_for_update().filter(pk=code).first()
        if currency is None:
            return
        if currency.is_main:
            raise Invalid("main_currency", _("The main currency cannot be removed."))
        currency.delete()
        _tell("currency.removed", code, by, now)


def has_values() -> bool:
    """Whether anything is told in the main currency yet."""
    return Order.objects.exists() or Cart.objects.exists()


def _tell(action: str, code: str, by: User, now: datetime, **detail: str) -> None:
    record_audit(
        action=action,
        now=now,
        workspace=current_workspace(),
        actor=by,
        target=code,
        detail=detail,
    )
