"""The door of shops, and the settings pages of shops."""

from django.urls import path

from commerce.views import shop_door, shops

app_name = "commerce"

urlpatterns = [
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
]
