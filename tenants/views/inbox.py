"""The inbox of the local mail catcher: open on a newcomer's machine, else for operators."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from core.htmx import page_or_partial
from tenants.inbox import framed_html, mails, read_mail
from tenants.models import CaughtMail

View = Callable[..., HttpResponse]
TABS = ("html", "text", "headers", "source")
# A stranger's HTML: no script, no form, no plugin; pictures load as they would in a mail program.
BODY_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox"
    " allow-top-navigation-by-user-activation; default-src 'none';"
    " img-src http: https: data:; style-src 'unsafe-inline'; font-src data:;"
    " frame-ancestors 'self'; form-action 'none'"
)


def may_read(view: View) -> View:
    """Everyone on a local machine; elsewhere operators, and for others the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.LOCAL or getattr(request.user, "is_staff", False):
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404

    return guarded


@may_read
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """All caught mails, newest first."""
    search = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    page = Paginator(mails(search=search), 50).get_page(request.GET.get("page"))
    return page_or_partial(
        request,
        page="tenants/inbox.html",
        partial="tenants/_inbox_list.html",
        context={
            "page": page,
            "search": search,
            "summary": ngettext("%(count)d mail", "%(count)d mails", page.paginator.count)
            % {"count": page.paginator.count},
            "previous_url": _page_url(page.number - 1, search) if page.has_previous() else "",
            "next_url": _page_url(page.number + 1, search) if page.has_next() else "",
        },
    )


def _page_url(number: int, search: str) -> str:
    return reverse("inbox") + "?" + urlencode({"q": search, "page": number})


@may_read
@require_GET
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: as HTML in a sandbox, as text, its headers, its source."""
    caught = get_object_or_404(CaughtMail, pk=pk)
    read = read_mail(caught)
    tab = request.GET.get("tab") or ("html" if read.html else "text")
    if tab not in TABS:
        raise Http404
    return render(request, "tenants/inbox_mail.html", {"mail": caught, "read": read, "tab": tab})


@may_read
@xframe_options_sameorigin
@require_GET
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML body alone, for the frame, under a policy of its own."""
    read = read_mail(get_object_or_404(CaughtMail, pk=pk))
    response = HttpResponse(framed_html(read.html))
    response["Content-Security-Policy"] = BODY_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response


@may_read
@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: HttpRequest) -> HttpResponse:
    """Ask, then delete every caught mail."""
    if request.method != "POST":
        return render(request, "tenants/inbox_empty.html", {"count": CaughtMail.objects.count()})
    CaughtMail.objects.all().delete()
    return redirect("inbox")
