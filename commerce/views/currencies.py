"""The settings page of the currencies."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commerce import currencies as keeping
from commerce.forms import CurrencyForm
from commerce.models import Currency
from core.errors import Invalid
from tenants.models import Membership, User
from tenants.pages import for_role
from tenants.settings_pages import settings_page

ADMIN = for_role(Membership.Role.ADMIN)


@ADMIN
@require_http_methods(["GET", "HEAD", "POST"])
def currencies(request: HttpRequest) -> HttpResponse:
    """The currencies, and a form for one more or for a new rate."""
    form = CurrencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.save_currency(**form.cleaned_data, by=_me(request), now=timezone.now())
        except Invalid as refusal:
            form.add_error("code", refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("commerce:currencies")
    rows = Currency.objects.order_by("-is_main", "code")
    return settings_page(
        request,
        "commerce/currencies.html",
        "currencies",
        422 if form.is_bound else 200,
        form=form,
        rows=rows,
        main=next((row.code for row in rows if row.is_main), ""),
        may_change_main=not keeping.has_values(),
    )


@ADMIN
@require_POST
def currency_main(request: HttpRequest, code: str) -> HttpResponse:
    """Tell all values in this one."""
    get_object_or_404(Currency, pk=code)
    try:
        keeping.choose_main_currency(code=code, by=_me(request), now=timezone.now())
        messages.success(request, _("Saved."))
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("commerce:currencies")


@ADMIN
@require_POST
def currency_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take one off the list."""
    get_object_or_404(Currency, pk=code)
    try:
        keeping.remove_currency(code=code, by=_me(request), now=timezone.now())
        messages.success(request, _("Removed."))
    except Invalid as refusal:
        messages.error(request, refusal.message)
    return redirect("commerce:currencies")


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
