"""The door at which shops call."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from commerce.models import Shop
from commerce.shop_keeping import prove
from commerce.shop_kinds import INBOUND, NotFromShop, shops
from core.api.errors import ApiRefusal
from events.doors import body_of, inbound_door
from events.inbound import receive


@inbound_door
def shop_call(request: HttpRequest, token: str) -> HttpResponse:
    """Store what a shop signed, and say so; it is read later, so no content is ever refused."""
    shop = Shop.objects.filter(token=token, disconnected_at=None).first()
    if shop is None or shop.kind not in shops:
        raise Http404
    kind, headers, body = shops.get(shop.kind), request.headers, body_of(request)
    if kind.is_trial(headers, body):
        return JsonResponse({"received": True})
    now = timezone.now()
    try:
        prove(shop=shop, headers=headers, body=body, now=now)
    except NotFromShop as refusal:
        raise ApiRefusal(refusal.code, str(refusal.message), status=401) from None
    receive(
        kind=INBOUND,
        door=shop.key,
        delivery_id=kind.delivery_id(headers, body),
        body=body,
        headers={name: headers[name] for name in kind.kept_headers if name in headers},
        now=now,
    )
    return JsonResponse({"received": True})
