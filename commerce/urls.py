"""The door of shops, and the pages of the shop, its currencies and coupons."""

from django.urls import path

from commerce.views import coupons, currencies, order_import, shop_door, shop_pages, shops

app_name = "commerce"

ONE_COUPON = "coupons/<uuid:coupon_id>"

urlpatterns = [
    path("orders/", shop_pages.order_list, name="orders"),
    path("orders/import/", order_import.order_import, name="order_import"),
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
    path("hooks/shop/<str:token>/", shop_door.shop_call, name="shop_call"),
    path("settings/shops/", shops.shop_list, name="shops"),
    path("settings/shops/new/<slug:kind>/", shops.shop_new, name="shop_new"),
    path("settings/shops/<uuid:shop_id>/", shops.shop_detail, name="shop"),
    path("settings/shops/<uuid:shop_id>/switch/", shops.shop_switch, name="shop_switch"),
    path("settings/shops/<uuid:shop_id>/address/", shops.shop_rotate, name="shop_rotate"),
    path("settings/shops/<uuid:shop_id>/leave/", shops.shop_leave, name="shop_leave"),
    path("settings/shops/<uuid:shop_id>/return/", shops.shop_return, name="shop_return"),
    path("settings/shops/<uuid:shop_id>/replay/", shops.shop_replay, name="shop_replay"),
    path(
        "settings/shops/requests/<uuid:request_id>/done/",
        shops.request_done,
        name="shop_request_done",
    ),
    path("coupons/", coupons.coupon_list, name="coupons"),
    path("coupons/new/", coupons.coupon_new, name="coupon_new"),
    path(f"{ONE_COUPON}/", coupons.coupon, name="coupon"),
    path(f"{ONE_COUPON}/edit/", coupons.coupon_edit, name="coupon_edit"),
    path(f"{ONE_COUPON}/add-codes/", coupons.coupon_pool, name="coupon_pool"),
    path(f"{ONE_COUPON}/switch/", coupons.coupon_switch, name="coupon_switch"),
    path(f"{ONE_COUPON}/codes.csv", coupons.coupon_csv, name="coupon_csv"),
]
