"""The shop's pages."""

from django.urls import path

from commerce.views import currencies, shop_pages

app_name = "commerce"

urlpatterns = [
    path("orders/", shop_pages.order_list, name="orders"),
    path("orders/<uuid:order_id>/", shop_pages.order_detail, name="order"),
    path("products/", shop_pages.product_list, name="products"),
    path("products/<uuid:product_id>/", shop_pages.product_detail, name="product"),
    path("carts/", shop_pages.cart_list, name="carts"),
    path("settings/currencies/", currencies.currencies, name="currencies"),
    path("settings/currencies/<str:code>/main/", currencies.currency_main, name="currency_main"),
    path(
        "settings/currencies/<str:code>/remove/",
        currencies.currency_remove,
        name="currency_remove",
    ),
]
