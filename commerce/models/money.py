"""Amounts and the currencies a workspace sells in."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AmountField(models.DecimalField):
    """An amount of money: three decimals hold every currency of ISO 4217 that shops use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 14
        kwargs["decimal_places"] = 3
        super().__init__(*args, **kwargs)


class Currency(models.Model):
    """A currency the workspace sells in, and what one unit is worth in its main one."""

    code = models.CharField(_("currency"), max_length=3, primary_key=True)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=1)
    is_main = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        constraints = [
            # Values of all orders are told in one currency.
            models.UniqueConstraint(
                fields=["is_main"], condition=Q(is_main=True), name="one_main_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def rate_text(self) -> str:
        """The rate in as few digits as say it: "0.9"."""
        return format(self.rate.normalize(), "f")
