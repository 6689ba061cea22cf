"""The pages on which forms are made, shared and read."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from capture.defaults import TEXTS
from capture.forms import SignupFields, SignupFormFields
from capture.models import SignupForm, Submission
from capture.services.keeping import FormDraft, create_form, set_form_open, update_form
from capture.views.hosting import hosted, speak
from core.errors import Invalid
from tenants.hosts import workspace_url
from tenants.models import User, Workspace

PAGE_SIZE = 50


@require_safe
def form_list(request: HttpRequest) -> HttpResponse:
    """All forms with their numbers."""
    forms = SignupForm.objects.with_numbers(now=timezone.now())
    return render(request, "capture/form_list.html", {"forms": forms})


@require_safe
def form_detail(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """One form: its link, its numbers, what it says."""
    forms = SignupForm.objects.with_numbers(now=timezone.now()).select_related("wording")
    form = get_object_or_404(forms, pk=form_id)
    context = {"form": form, "public_url": _public_url(request, form)}
    return render(request, "capture/form_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def form_new(request: HttpRequest) -> HttpResponse:
    """Make a form, beginning with the words of a first one."""
    fields = SignupFormFields(request.POST or None, initial=_first_words(request))
    if request.method == "POST" and fields.is_valid():
        try:
            form = create_form(draft=_draft(fields), by=_member(request), now=timezone.now())
        except Invalid as refusal:
            fields.add_error("slug", refusal.message)
        else:
            messages.success(request, _("The form is open. Share its link."))
            return redirect("capture:form", form.pk)
    return _edit_page(request, fields, None)


@require_http_methods(["GET", "HEAD", "POST"])
def form_edit(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Change a form."""
    form = get_object_or_404(SignupForm.objects.select_related("wording"), pk=form_id)
    initial = {"wording_text": form.wording.text, "tag_names": ", ".join(form.tags)}
    fields = SignupFormFields(request.POST or None, instance=form, initial=initial)
    if request.method == "POST" and fields.is_valid():
        try:
            update_form(
                form_id=form_id, draft=_draft(fields), by=_member(request), now=timezone.now()
            )
        except Invalid as refusal:
            fields.add_error("slug", refusal.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("capture:form", form_id)
    return _edit_page(request, fields, form_id)


def _member(request: HttpRequest) -> User:
    """Who acts; the access middleware lets nobody else in."""
    return cast(User, request.user)


def _edit_page(
    request: HttpRequest, fields: SignupFormFields, form_id: UUID | None
) -> HttpResponse:
    status = 422 if fields.errors else 200
    context = {"fields": fields, "form_id": form_id}
    return render(request, "capture/form_edit.html", context, status=status)


def _first_words(request: HttpRequest) -> dict[str, Any]:
    workspace: Workspace = request.workspace  # type: ignore[attr-defined]
    language = workspace.language if workspace.language in TEXTS else "en"
    texts = TEXTS[language]
    return {
        "language": language,
        "title": texts.title.format(business=workspace.name),
        "intro": texts.intro,
        "button": texts.button,
        "thanks": texts.thanks,
        "wording_text": texts.wording.format(business=workspace.name),
    }


def _draft(fields: SignupFormFields) -> FormDraft:
    values = dict(fields.cleaned_data)
    return FormDraft(tags=values.pop("tag_names"), **values)


@require_safe
def form_preview(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The form as visitors see it, open or not; it cannot be sent from here."""
    form = get_object_or_404(SignupForm.objects.select_related("wording"), pk=form_id)
    with speak(form.language):
        fields = SignupFields(form=form, wording=form.wording)
        return hosted(request, "signup.html", {"form": form, "fields": fields, "is_preview": True})


@require_safe
def form_people(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Who filled the form in, newest first: ?state=waiting, confirmed or expired, else all."""
    form = get_object_or_404(SignupForm, pk=form_id)
    now = timezone.now()
    state = request.GET.get("state", "")
    found = form.submissions.in_state(state, now=now).before(request.GET.get("before", ""))
    rows = list(found.select_related("contact")[: PAGE_SIZE + 1])
    context = {
        "form": form,
        "state": state,
        "states": _states(state),
        "rows": [(row, row.state(now)) for row in rows[:PAGE_SIZE]],
        "next_url": _next_url(state, rows),
    }
    return render(request, "capture/form_people.html", context)


def _states(current: str) -> list[dict[str, Any]]:
    choices: list[tuple[str, Any]] = [("", _("All")), *Submission.State.choices]
    return [
        {"label": label, "url": f"?state={state}" if state else "?", "current": state == current}
        for state, label in choices
    ]


def _next_url(state: str, rows: list[Submission]) -> str:
    if len(rows) <= PAGE_SIZE:
        return ""
    return f"?state={state}&before={rows[PAGE_SIZE - 1].pk}"


@require_POST
def form_open(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Open a form to the public."""
    return _set_open(request, form_id, is_open=True)


@require_POST
def form_close(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Close a form to the public; confirmations under way still work."""
    return _set_open(request, form_id, is_open=False)


def _set_open(request: HttpRequest, form_id: UUID, *, is_open: bool) -> HttpResponse:
    form = get_object_or_404(SignupForm, pk=form_id)
    set_form_open(form_id=form.pk, is_open=is_open, by=_member(request), now=timezone.now())
    return redirect("capture:form", form.pk)


def _public_url(request: HttpRequest, form: SignupForm) -> str:
    return workspace_url(request.workspace, "capture:signup", form.slug)  # type: ignore[attr-defined]
