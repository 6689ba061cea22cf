"""Somebody looked at a product and went away without it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.entry_forms import category_field, category_problems, category_words
from commerce.entry_sql import (
    CART,
    CART_LINE,
    ORDER_LINE,
    PRODUCT,
    amount,
    in_category,
    shelves_of,
)
from commerce.models import ProductView
from core.errors import Problem
from events.models import Event
from journeys.contracts import Config, Scope, TimedEntry, entries, is_inside

# How often at most it is looked: nobody minds whether it is a day or a day and five minutes.
PACE = timedelta(minutes=5)
FOR_SALE = "{product}.is_on_sale AND ({product}.stock IS NULL OR {product}.stock > 0)"
SELECT = f"""
    SELECT viewed.contact_id, product.id::text, viewed.last_viewed_at + %(delay)s,
           jsonb_build_object(
               'product_id', product.id::text, 'external_id', product.external_id,
               'source', product.source, 'name', product.name, 'url', product.url,
               'image_url', product.image_url, 'price', {amount("product.price")},
               'currency', product.currency, 'category_ids', {shelves_of("product.id")})
      FROM {ProductView._meta.db_table} AS viewed
      JOIN {PRODUCT} AS product ON product.id = viewed.product_id
     WHERE viewed.last_viewed_at > %(since)s - %(delay)s
       AND viewed.last_viewed_at <= %(now)s - %(delay)s
       AND {FOR_SALE.format(product="product")} {{chosen}}
       AND NOT EXISTS (
           SELECT 1 FROM {ORDER_LINE} AS line
            WHERE line.contact_id = viewed.contact_id AND line.product_id = viewed.product_id
              AND line.placed_at >= viewed.last_viewed_at AND line.counts)
       AND NOT EXISTS (
           SELECT 1 FROM {CART} AS cart JOIN {CART_LINE} AS line ON line.cart_id = cart.id
            WHERE cart.contact_id = viewed.contact_id AND line.product_id = viewed.product_id
              AND (cart.status = 'open' OR cart.changed_at >= viewed.last_viewed_at))
       AND NOT EXISTS (
           SELECT 1 FROM {ProductView._meta.db_table} AS later
             JOIN {PRODUCT} AS other ON other.id = later.product_id
            WHERE later.contact_id = viewed.contact_id AND later.product_id <> viewed.product_id
              AND (later.last_viewed_at, later.product_id)
                  > (viewed.last_viewed_at, viewed.product_id)
              AND later.last_viewed_at <= viewed.last_viewed_at + %(delay)s
              AND {FOR_SALE.format(product="other")} {{also_chosen}})
       AND NOT {is_inside("viewed.contact_id", "%(journey)s")}"""


class ViewedForm(forms.Form):
    """How long after the view, and of which products."""

    hours = forms.IntegerField(
        label=gettext_lazy("Hours after the view"), min_value=1, max_value=30 * 24, initial=24
    )
    category = category_field()


class ProductViewedNotBought(TimedEntry):
    """The last product of a visit that is neither bought nor in a cart, while it can be had."""

    key = "product_viewed_not_bought"
    label = gettext_lazy("Product viewed, not bought")
    icon = "eye"
    form = ViewedForm
    hears = frozenset({"product.viewed"})

    def example(self) -> Config:
        return {"hours": 24}

    def summary(self, config: Config) -> str:
        hours = int(config.get("hours") or 0)
        time = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
        words = {"time": time, "category": category_words(config)}
        if words["category"]:
            return _("%(time)s after viewing a product of “%(category)s” without buying it") % words
        return _("%(time)s after viewing a product without buying it") % words

    def problems(self, config: Config) -> list[Problem]:
        return category_problems(config)

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        statement = SELECT.format(
            chosen=in_category("viewed.product_id", config),
            also_chosen=in_category("later.product_id", config),
        )
        return statement, {"delay": _delay(config), "category": config.get("category")}

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        recent = ProductView.objects.filter(last_viewed_at__gt=scope.now - _delay(config))
        earliest: datetime | None = recent.aggregate(at=Min("last_viewed_at"))["at"]
        return max(earliest + _delay(config), scope.now + PACE) if earliest else None

    def heard(self, config: Config, event: Event) -> datetime | None:
        return event.occurred_at + _delay(config)


def _delay(config: Config) -> timedelta:
    return timedelta(hours=int(config["hours"]))


entries.register(ProductViewedNotBought())
