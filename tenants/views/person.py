"""A person's own account, on the public host."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from tenants.forms import AccountForm
from tenants.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name and language, and the ways to password, email and second factor."""
    user = cast(User, request.user)
    form = AccountForm(request.POST or None, instance=user)
    if not (request.method == "POST" and form.is_valid()):
        status = 422 if form.is_bound else 200
        return render(request, "tenants/account.html", {"form": form}, status=status)
    form.save()
    with override(user.language):
        messages.success(request, _("Your account is saved."))
    response = redirect("account")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
    return response
