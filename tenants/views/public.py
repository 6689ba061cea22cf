"""The public site: landing page and sign-up."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import Invalid
from core.rate_limits import Limit
from tenants.forms import SignUpForm
from tenants.hand_over import safe_path
from tenants.models import User
from tenants.pages import open_page
from tenants.provisioning import slug_problem
from tenants.signup import sign_up, suggest_slug
from tenants.views.limited import limited


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """What Viaggio is, and for whom."""
    return render(request, "tenants/landing.html")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@limited(
    per_client=Limit("sign_up_client", 20, timedelta(hours=1)),
    field="email",
    per_value=Limit("sign_up_email", 10, timedelta(hours=1)),
)
def sign_up_page(request: HttpRequest) -> HttpResponse:
    """Account and workspace in one form."""
    if request.user.is_authenticated:
        return redirect("workspaces")
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return sign_up(request=request, application=form.application(), now=timezone.now())
        except Invalid as refusal:
            for problem in refusal.problems:
                form.add_error(problem.field or None, problem.message)
    status = 422 if form.is_bound else 200
    return render(request, "account/signup.html", {"form": form}, status=status)


@require_GET
@limited(per_client=Limit("slug_check", 240, timedelta(minutes=5)), method="GET")
def slug_check(request: HttpRequest) -> HttpResponse:
    """The live check beside the address field; from the business name, a suggestion too."""
    slug = request.GET.get("slug", "").strip().lower()[:60]
    business = request.GET.get("business", "")[:80]
    asked_by_business = request.headers.get("HX-Trigger-Name") == "business"
    if asked_by_business and not slug:
        slug = suggest_slug(business)
    problem = slug_problem(slug) if slug else None
    context = {
        "form": SignUpForm(initial={"slug": slug}),
        "slug": slug,
        "problem": problem,
        "suggestion": suggest_slug(business or slug) if problem else "",
    }
    page = "account/_slug_field.html" if asked_by_business else "account/_slug_note.html"
    return render(request, page, context)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep a language in a cookie, and for those signed in on their account."""
    language = request.POST.get("language", "")
    response = redirect(safe_path(request.POST.get("next", "/")))
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response


@open_page
def set_language_in_workspace(request: HttpRequest) -> HttpResponse:
    """The same on a workspace's host, for everyone who reads a page there."""
    return set_language(request)


@require_GET
def check_mail(request: HttpRequest) -> HttpResponse:
    """The same words for everyone who signed up, known before or not."""
    return render(request, "account/verification_sent.html")
