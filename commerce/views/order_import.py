"""The page on which past orders come in from a file."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from commerce.forms import OrderFileForm
from commerce.order_files import Reading
from commerce.order_import import Imported, import_orders
from core.errors import Invalid
from tenants.context import current_workspace
from tenants.models import Membership
from tenants.pages import for_role

PROBLEMS_SHOWN = 200


@for_role(Membership.Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def order_import(request: HttpRequest) -> HttpResponse:
    """Ask for a file; take it in and say what became of it."""
    form = OrderFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    result = None
    if form.is_bound and form.is_valid():
        try:
            result = _import(form)
        except Invalid as refusal:
            form.add_error("file", refusal.message)
    context = {
        "form": form,
        "result": result,
        "problems": result.problems[:PROBLEMS_SHOWN] if result else [],
        "active": "orders",
    }
    status = 422 if form.is_bound and result is None else 200
    return render(request, "commerce/order_import.html", context, status=status)


def _import(form: OrderFileForm) -> Imported:
    given = form.cleaned_data
    zone = ZoneInfo(current_workspace("An import").timezone)
    return import_orders(
        file=given["file"],
        reading=Reading(given["date_order"], given["currency"], zone),
        source=given["source"],
        now=timezone.now(),
    )
