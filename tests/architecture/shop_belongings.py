"""A shop of one product, one order, one cart and one coupon, with a word of its own in each."""

import uuid
from datetime import datetime
from typing import Any

from commerce.models import (
    Cart,
    CartLine,
    Category,
    Coupon,
    CouponCode,
    Currency,
    CustomerProfile,
    CustomerStats,
    DataRequest,
    Order,
    OrderLine,
    Product,
    ProductCategory,
    ProductPair,
    ProductRank,
    ProductView,
    Shop,
    ShopAccount,
    ShopFigures,
    ShownProduct,
    Variant,
)


def shop(contact: uuid.UUID, word: str, now: datetime) -> dict[str, Any]:
    """Rows of every kind of commerce with `word` in what only members may read."""
    Currency.objects.get_or_create(code="EUR", defaults={"is_main": True})
    category = Category.objects.create(external_id="1", name=f"{word} shelf")
    product = Product.objects.create(
        external_id="1", name=f"{word} product", currency="EUR", price="29.90", stock=3
    )
    other = Product.objects.create(
        external_id="2", name=f"{word} other", currency="EUR", price="9.90", stock=3
    )
    ProductCategory.objects.create(product=product, category=category)
    Variant.objects.create(product=product, external_id="1", name=f"{word} blue")
    ProductView.objects.create(
        contact_id=contact, product=product, first_viewed_at=now, last_viewed_at=now
    )
    order = Order.objects.create(
        external_id="1", number=f"{word} 1", contact_id=contact, status="placed", currency="EUR",
        total="29.90", value="29.90", placed_at=now,
    )  # fmt: skip
    line = OrderLine.objects.create(
        order=order, position=0, product=product, name=f"{word} product", unit_price="29.90",
        total="29.90", value="29.90", contact_id=contact, placed_at=now,
    )  # fmt: skip
    cart = Cart.objects.create(
        external_id=f"{word} cart", contact_id=contact, currency="EUR", total="9.90", value="9.90"
    )
    CartLine.objects.create(
        cart=cart, position=0, product=other, name=f"{word} other", unit_price="9.90", total="9.90"
    )
    CustomerProfile.objects.create(contact_id=contact, company=f"{word} company")
    CustomerStats.objects.create(contact_id=contact, orders=1, spend="29.90", last_order_at=now)
    ShopFigures.objects.update_or_create(pk=1, defaults={"computed_at": now})
    coupon = Coupon.objects.create(name=f"{word} coupon", amount="10")
    code = CouponCode.objects.create(coupon=coupon, code=f"{word}-1".upper(), contact_id=contact)
    ProductPair.objects.create(product=product, other=other, together=1, lift=1.0, rank=1)
    ProductRank.objects.create(product=product, rank=1)
    ShownProduct.objects.create(contact_id=contact, product=other, shown_at=now)
    connected = Shop.objects.create(
        kind="woocommerce", name=f"{word} shop", key="woocommerce-1", currency="EUR",
        credentials={"secret": f"{word} secret"}, created_at=now,
    )  # fmt: skip
    ShopAccount.objects.create(
        shop=connected, external_id=f"{word} account", contact_id=contact, changed_at=now
    )
    asked = DataRequest.objects.create(
        shop=connected, kind="export", contact_id=contact, delivery_id=uuid.uuid4(), asked_at=now
    )
    return {
        "shop": connected.pk,
        "shop_token": connected.token,
        "data_request": asked.pk,
        "category": category.pk,
        "product": product.pk,
        "order": order.pk,
        "order_line": line.pk,
        "cart": cart.pk,
        "coupon": coupon.pk,
        "coupon_code": code.pk,
    }
