"""Coupons: the list, one with its codes, making and changing one, filling a pool."""

import csv
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commerce.coupons.figures import STATES, codes_in, figures_of
from commerce.coupons.forms import CouponForm, PoolForm
from commerce.coupons.keeping import save_coupon, set_coupon_active
from commerce.coupons.pools import add_codes, lines_of
from commerce.coupons.words import share_text, value_text
from commerce.models import Coupon, CouponCode
from commerce.shown import main_currency
from core.csv import neutralised
from core.errors import Invalid
from core.htmx import page_or_partial
from tenants.pages import for_role

PAGE = 50
READ_OR_POST = ["GET", "HEAD", "POST"]
LABELS = {
    "issued": gettext_lazy("Handed out"),
    "redeemed": gettext_lazy("Used"),
    "open": gettext_lazy("Still good"),
    "expired": gettext_lazy("Expired"),
    "free": gettext_lazy("Left in the list"),
}


@require_safe
def coupon_list(request: HttpRequest) -> HttpResponse:
    """All coupons with their figures, those in use first."""
    coupons = list(Coupon.objects.order_by("-is_active", "name", "pk"))
    figures = figures_of([each.pk for each in coupons], now=timezone.now())
    rows = [
        (each, value_text(each), figures[each.pk], share_text(figures[each.pk].rate))
        for each in coupons
    ]
    return render(request, "commerce/coupons.html", {"rows": rows, "currency": main_currency()})


@require_http_methods(READ_OR_POST)
def coupon_new(request: HttpRequest) -> HttpResponse:
    """Make a coupon."""
    form = CouponForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        coupon = save_coupon(values=form.values(), now=timezone.now())
        if coupon.codes == Coupon.Codes.POOL:
            return redirect("commerce:coupon_pool", coupon.pk)
        return redirect("commerce:coupon", coupon.pk)
    return _edit_page(request, form)


@require_http_methods(READ_OR_POST)
def coupon_edit(request: HttpRequest, coupon_id: UUID) -> HttpResponse:
    """Change a coupon."""
    coupon = get_object_or_404(Coupon, pk=coupon_id)
    form = CouponForm(request.POST or None, instance=coupon)
    if request.method == "POST" and form.is_valid():
        save_coupon(values=form.values(), coupon=coupon, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("commerce:coupon", coupon.pk)
    return _edit_page(request, form, coupon)


def _edit_page(
    request: HttpRequest, form: CouponForm, coupon: Coupon | None = None
) -> HttpResponse:
    context = {"form": form, "coupon": coupon}
    status = 422 if form.errors else 200
    return render(request, "commerce/coupon_edit.html", context, status=status)


@require_safe
def coupon(request: HttpRequest, coupon_id: UUID) -> HttpResponse:
    """One coupon: its figures, and the codes behind each."""
    found = get_object_or_404(Coupon, pk=coupon_id)
    now = timezone.now()
    figures = figures_of([found.pk], now=now)[found.pk]
    state, q = _state(request), request.GET.get("q", "").replace("\x00", "").strip()[:60]
    page = _page_number(request)
    rows = list(codes_in(found, state, q, now=now)[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "coupon": found,
        "value": value_text(found),
        "figures": figures,
        "share": share_text(figures.rate),
        "tabs": _tabs(found, figures, state),
        "state": state,
        "codes": rows[:PAGE],
        "now": now,
        "q": q,
        "previous_url": _page_url(state, q, page - 1) if page > 1 else "",
        "next_url": _page_url(state, q, page + 1) if len(rows) > PAGE else "",
        "currency": main_currency(),
    }
    return page_or_partial(
        request, page="commerce/coupon.html", partial="commerce/_codes.html", context=context
    )


def _state(request: HttpRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in STATES else "issued"


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _page_url(state: str, q: str, page: int) -> str:
    return "?" + urlencode({"state": state, "q": q, "page": page})


def _tabs(coupon: Coupon, figures: object, state: str) -> list[dict[str, object]]:
    shown = [each for each in STATES if each != "free" or coupon.codes == Coupon.Codes.POOL]
    return [
        {
            "label": LABELS[each],
            "url": f"?state={each}",
            "current": each == state,
            "count": getattr(figures, each),
        }
        for each in shown
    ]


@require_http_methods(READ_OR_POST)
def coupon_pool(request: HttpRequest, coupon_id: UUID) -> HttpResponse:
    """Add codes to a pool."""
    found = get_object_or_404(Coupon, pk=coupon_id, codes=Coupon.Codes.POOL)
    form = PoolForm(request.POST or None, request.FILES or None)
    result = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            lines = lines_of(given["file"]) if given["file"] else given["pasted"].splitlines()
            result = add_codes(coupon=found, lines=lines, now=timezone.now())
        except Invalid as refusal:
            form.add_error("file" if given["file"] else "pasted", refusal.message)
    context = {"coupon": found, "form": form, "result": result}
    status = 422 if form.errors else 200
    return render(request, "commerce/coupon_pool.html", context, status=status)


@require_POST
def coupon_switch(request: HttpRequest, coupon_id: UUID) -> HttpResponse:
    """Start (`on=1`) or stop a coupon."""
    found = get_object_or_404(Coupon, pk=coupon_id)
    set_coupon_active(coupon_id=found.pk, is_active=request.POST.get("on") == "1")
    return redirect("commerce:coupon", found.pk)


class _Line:
    """What a csv writer writes into, to take it out again."""

    def write(self, text: str) -> str:
        return text


@for_role("editor")
@require_safe
def coupon_csv(request: HttpRequest, coupon_id: UUID) -> StreamingHttpResponse:
    """The codes in one state as a file, for the shop to load."""
    found = get_object_or_404(Coupon, pk=coupon_id)
    rows = codes_in(found, _state(request), "", now=timezone.now())
    response = StreamingHttpResponse(_lines(rows.iterator(2000)), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="codes.csv"'
    return response


def _lines(rows: Iterator[CouponCode]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(["code", "email", "issued_at", "expires_at", "redeemed_at"])
    for row in rows:
        moments = (row.issued_at, row.expires_at, row.redeemed_at)
        email = neutralised(row.contact.email if row.contact else "")
        yield writer.writerow(
            [neutralised(row.code), email, *(at.isoformat() if at else "" for at in moments)]
        )
