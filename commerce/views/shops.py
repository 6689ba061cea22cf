"""The settings pages of connected shops."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commerce import shop_keeping as keeping
from commerce.models import DataRequest, Shop
from commerce.shop_forms import ShopForm
from commerce.shop_health import failed_calls, health_of
from commerce.shop_keeping import ShopDraft
from commerce.shop_kinds import ShopKind, shops
from events.inbound import replay_deliveries
from tenants.context import current_workspace
from tenants.hosts import workspace_url
from tenants.models import Membership, User
from tenants.pages import for_role
from tenants.settings_pages import settings_page

ADMIN = for_role(Membership.Role.ADMIN)
CALLS_SHOWN = 50
REPLAY_ALL = 10_000
REQUESTS_SHOWN = 20


@ADMIN
@require_safe
def shop_list(request: HttpRequest) -> HttpResponse:
    """All shops with their health, and what their customers ask."""
    found = list(Shop.objects.order_by(F("disconnected_at").asc(nulls_first=True), "name"))
    asked = DataRequest.objects.filter(done_at=None).select_related("shop", "contact")
    return settings_page(
        request,
        "commerce/shops.html",
        "shops",
        shops=health_of(found, now=timezone.now()),
        kinds=sorted(shops, key=lambda kind: str(kind.label)),
        asked=asked.order_by("asked_at")[:REQUESTS_SHOWN],
    )


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def shop_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Connect a shop of one kind."""
    chosen = _kind(kind)
    form = ShopForm(chosen.setup, request.POST or None, initial={"name": str(chosen.label)})
    if request.method == "POST" and form.is_valid():
        draft = ShopDraft(**form.cleaned_data)
        shop = keeping.connect_shop(kind=kind, draft=draft, by=_me(request), now=timezone.now())
        messages.success(request, _("Here is what to enter in the shop."))
        return redirect("commerce:shop", shop_id=shop.pk)
    return _page(request, "shop_new", _status(form), kind=chosen, form=form)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def shop_detail(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """One shop: how to set it up, how it is doing, and what may be changed."""
    shop = get_object_or_404(Shop, pk=shop_id)
    kind = _kind(shop.kind)
    secret = str((shop.credentials or {}).get("secret", ""))
    initial = {"name": shop.name, "currency": shop.currency}
    form = ShopForm(kind.setup, request.POST or None, initial=initial, has_secret=bool(secret))
    if request.method == "POST" and form.is_valid():
        draft = ShopDraft(**form.cleaned_data)
        keeping.update_shop(shop_id=shop_id, draft=draft, by=_me(request), now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("commerce:shop", shop_id=shop_id)
    failed = failed_calls(shop)
    workspace = current_workspace("A shop")
    return _page(
        request,
        "shop",
        _status(form),
        shop=shop,
        kind=kind,
        form=form,
        health=health_of([shop], now=timezone.now())[0],
        address=workspace_url(workspace, "commerce:shop_call", shop.token),
        # Made here and to be entered there: shown until the shop has used it.
        secret=secret if kind.setup.makes_secret and shop.last_seen_at is None else "",
        calls=[(call, kind.topic(call.headers)) for call in failed[:CALLS_SHOWN]],
    )


@ADMIN
@require_POST
def shop_switch(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """Go on with a shop (`on=1`) or pause it."""
    _connected(shop_id)
    is_active = request.POST.get("on") == "1"
    keeping.set_shop_active(
        shop_id=shop_id, is_active=is_active, by=_me(request), now=timezone.now()
    )
    return redirect("commerce:shop", shop_id=shop_id)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def shop_rotate(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """Ask, then give the shop another address."""
    shop = _connected(shop_id)
    if request.method == "POST":
        keeping.rotate_token(shop_id=shop_id, by=_me(request), now=timezone.now())
        messages.success(request, _("Enter the new address in every webhook of the shop."))
        return redirect("commerce:shop", shop_id=shop_id)
    return _page(request, "shop_rotate", shop=shop)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def shop_leave(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """Ask, then disconnect the shop."""
    shop = _connected(shop_id)
    if request.method == "POST":
        keeping.disconnect_shop(shop_id=shop_id, by=_me(request), now=timezone.now())
        messages.success(request, _("Disconnected. Its orders, products and customers stay."))
        return redirect("commerce:shops")
    return _page(request, "shop_leave", shop=shop)


@ADMIN
@require_POST
def shop_return(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """Connect a shop again that was disconnected."""
    shop = get_object_or_404(Shop, pk=shop_id, disconnected_at__isnull=False)
    _kind(shop.kind)
    keeping.reconnect_shop(shop_id=shop_id, by=_me(request), now=timezone.now())
    messages.success(request, _("Here is what to enter in the shop."))
    return redirect("commerce:shop", shop_id=shop_id)


@ADMIN
@require_POST
def shop_replay(request: HttpRequest, shop_id: UUID) -> HttpResponse:
    """Read one call of this shop again (`id`), or all that failed."""
    failed = failed_calls(get_object_or_404(Shop, pk=shop_id))
    ids = list(failed.values_list("pk", flat=True)[:REPLAY_ALL])
    if chosen := request.POST.get("id"):
        ids = [each for each in ids if str(each) == chosen]
    count = replay_deliveries(ids=ids, now=timezone.now())
    sentence = ngettext(
        "%(count)s call will be read again.", "%(count)s calls will be read again.", count
    )
    messages.success(request, sentence % {"count": count})
    return redirect("commerce:shop", shop_id=shop_id)


@ADMIN
@require_POST
def request_done(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Note that a customer's request was seen to."""
    get_object_or_404(DataRequest, pk=request_id)
    keeping.settle_request(request_id=request_id, by=_me(request), now=timezone.now())
    messages.success(request, _("Noted."))
    return redirect("commerce:shops")


def _page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(
        request, f"commerce/{name}.html", {"active": "settings", **context}, status=status
    )


def _status(form: ShopForm) -> int:
    return 422 if form.errors else 200


def _kind(key: str) -> ShopKind:
    if key not in shops:
        raise Http404
    return shops.get(key)


def _connected(shop_id: UUID) -> Shop:
    return get_object_or_404(Shop, pk=shop_id, disconnected_at=None)


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
