"""The shop's pages."""

from django.urls import path

from commerce.views import coupons

app_name = "commerce"

ONE_COUPON = "coupons/<uuid:coupon_id>"

urlpatterns = [
    path("coupons/", coupons.coupon_list, name="coupons"),
    path("coupons/new/", coupons.coupon_new, name="coupon_new"),
    path(f"{ONE_COUPON}/", coupons.coupon, name="coupon"),
    path(f"{ONE_COUPON}/edit/", coupons.coupon_edit, name="coupon_edit"),
    path(f"{ONE_COUPON}/add-codes/", coupons.coupon_pool, name="coupon_pool"),
    path(f"{ONE_COUPON}/switch/", coupons.coupon_switch, name="coupon_switch"),
    path(f"{ONE_COUPON}/codes.csv", coupons.coupon_csv, name="coupon_csv"),
]
