"""Hosted sign-up forms and their confirmation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from capture.forms import SignupFields
from capture.limits import POSTS_OF_FORM, POSTS_OF_IP
from capture.models import SignupForm, Submission
from capture.page_tokens import issue_page_token, read_page_token
from capture.services.signup import Visitor, confirm_submission, submit_form
from capture.views.hosting import hosted, speak, stale, too_many
from contacts.models import ConsentWording
from core import rate_limits
from core.client_ip import client_ip, network_of
from core.secrets import token_hash
from tenants.context import current_schema
from tenants.hosting import is_same_origin
from tenants.pages import open_page

# Filled in only by programs that fill in everything; no browser knows a name like this.
HONEYPOT = "homepage"


@open_page
@csrf_exempt  # no cookie, no session: the signed page token stands in
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest, slug: str) -> HttpResponse:
    """The form `slug`, and what is sent with it."""
    form = get_object_or_404(SignupForm.objects.select_related("wording"), slug=slug)
    with speak(form.language):
        if not form.is_open:
            return hosted(request, "closed.html", {"form": form}, status=404)
        if request.method == "POST":
            return _sent(request, form)
        fields = SignupFields(form=form, wording=form.wording)
        return _form_page(request, form, fields, form.wording)


def _sent(request: HttpRequest, form: SignupForm) -> HttpResponse:
    now, here = timezone.now(), request.path
    ip = client_ip(request)
    schema = current_schema("A sign-up")
    for limit, subject in ((POSTS_OF_IP, network_of(ip)), (POSTS_OF_FORM, str(form.pk))):
        if not rate_limits.take(limit=limit, subject=f"{schema} {subject}", now=now):
            return too_many(request, here, int(limit.window.total_seconds()))
    shown = read_page_token(request.POST.get("page_token", ""), page=str(form.pk), now=now)
    if shown is None or not is_same_origin(request):
        return stale(request, here)
    thanks = redirect("capture:thanks", form.slug)
    if request.POST.get(HONEYPOT):
        return thanks
    wording = get_object_or_404(ConsentWording, pk=shown.wording_id or 0)
    fields = SignupFields(request.POST, form=form, wording=wording)
    if not fields.is_valid():
        return _form_page(request, form, fields, wording, status=422)
    visitor = Visitor(
        email=fields.cleaned_data["email"],
        first_name=fields.cleaned_data.get("first_name", ""),
        ip=ip,
        user_agent=request.headers.get("User-Agent", ""),
    )
    submit_form(form=form, visitor=visitor, wording=wording, now=now)
    return thanks


def _form_page(
    request: HttpRequest,
    form: SignupForm,
    fields: SignupFields,
    wording: ConsentWording,
    status: int = 200,
) -> HttpResponse:
    token = issue_page_token(page=str(form.pk), wording_id=wording.pk, now=timezone.now())
    context = {"form": form, "fields": fields, "page_token": token, "honeypot": HONEYPOT}
    return hosted(request, "signup.html", context, status=status)


@open_page
@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """What everyone sees who has sent a form, whatever came of it."""
    form = get_object_or_404(SignupForm, slug=slug)
    with speak(form.language):
        return hosted(request, "thanks.html", {"form": form})


@open_page
@csrf_exempt  # the link in the mail is the credential
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET, since scanners open links; the consent on POST."""
    submission = (
        Submission.objects.select_related("form", "wording")
        .filter(token_hash=token_hash(token))
        .first()
    )
    if submission is None:
        raise Http404
    now = timezone.now()
    with speak(submission.form.language):
        context = {"submission": submission, "form": submission.form}
        if submission.confirmed_at:
            return hosted(request, "confirmed.html", context)
        if submission.expires_at <= now:
            return hosted(request, "expired.html", context, status=410)
        if request.method != "POST":
            return hosted(request, "confirm.html", context)
        confirm_submission(submission_id=submission.pk, ip=client_ip(request), now=now)
        return redirect(reverse("capture:confirm", args=[token]))
