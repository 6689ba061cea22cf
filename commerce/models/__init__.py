"""What a shop knows: its catalogue, carts, orders, what customers bought, and coupons."""

from commerce.models.cart import Cart, CartLine
from commerce.models.catalogue import Category, Product, ProductCategory, ProductView, Variant
from commerce.models.coupon import Coupon, CouponCode
from commerce.models.customer import CustomerProfile, CustomerStats, ShopFigures
from commerce.models.money import Currency
from commerce.models.order import Order, OrderLine
from commerce.models.recommendation import ProductPair, ProductRank, ShownProduct
from commerce.models.shop import DataRequest, Shop, ShopAccount

__all__ = [
    "Cart",
    "CartLine",
    "Category",
    "Coupon",
    "CouponCode",
    "Currency",
    "CustomerProfile",
    "CustomerStats",
    "DataRequest",
    "Order",
    "OrderLine",
    "Product",
    "ProductCategory",
    "ProductPair",
    "ProductRank",
    "ProductView",
    "Shop",
    "ShopAccount",
    "ShopFigures",
    "ShownProduct",
    "Variant",
]
