"""The pages on which surveys are kept, and what came of them."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Invalid
from surveys.forms import QuestionForms, SurveyForm, drafts_of, initial_of
from surveys.models import Answer, Survey
from surveys.results import headline, response_rate, results_of
from surveys.services.keeping import SurveyDraft, create_survey, set_survey_open, update_survey
from surveys.views.answer import fields_of
from tenants.hosting import hosted, speak
from tenants.models import User, Workspace

# Written answers shown of a survey; the people page has them all.
LATEST = 20


@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """All surveys with their numbers."""
    rows = [
        (survey, response_rate(answered=survey.answered, asked=survey.asked))
        for survey in Survey.objects.with_numbers()
    ]
    return render(request, "surveys/survey_list.html", {"rows": rows})


@require_safe
def survey_detail(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """What came of a survey: who was asked, who answered, and how often each answer was given."""
    survey = get_object_or_404(Survey.objects.with_numbers(), pk=survey_id)
    results = results_of(survey)
    texts = _latest_texts(survey)
    context = {
        "survey": survey,
        "results": [(each, texts.get(each.question.pk, [])) for each in results],
        "headline": headline(results),
        "rate": response_rate(answered=survey.answered, asked=survey.asked),
    }
    return render(request, "surveys/survey_detail.html", context)


def _latest_texts(survey: Survey) -> dict[UUID, list[Answer]]:
    """The newest written answers by question, of the last that were given at all."""
    found: dict[UUID, list[Answer]] = {}
    written = Answer.objects.filter(survey=survey).exclude(text="").select_related("contact")
    for answer in written.order_by("-answered_at", "-id")[:LATEST]:
        found.setdefault(answer.question_id, []).append(answer)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def survey_new(request: HttpRequest) -> HttpResponse:
    """Make a survey."""
    workspace: Workspace = request.workspace  # type: ignore[attr-defined]
    form = SurveyForm(request.POST or None, initial={"language": workspace.language})
    formset = QuestionForms(request.POST or None, prefix="questions")
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        try:
            survey = create_survey(
                draft=_draft(form, formset), by=_member(request), now=timezone.now()
            )
        except Invalid as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("The survey is open. Ask it in a journey."))
            return redirect("surveys:survey", survey.pk)
    return _edit_page(request, form, formset, None)


@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Change a survey and its questions."""
    survey = get_object_or_404(Survey, pk=survey_id)
    form = SurveyForm(request.POST or None, instance=survey)
    formset = QuestionForms(request.POST or None, initial=initial_of(survey), prefix="questions")
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        try:
            update_survey(
                survey_id=survey_id,
                draft=_draft(form, formset),
                by=_member(request),
                now=timezone.now(),
            )
        except Invalid as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("surveys:survey", survey_id)
    return _edit_page(request, form, formset, survey_id)


def _draft(form: SurveyForm, formset: Any) -> SurveyDraft:
    return SurveyDraft(**form.cleaned_data, questions=drafts_of(formset))


def _show(form: SurveyForm, refusal: Invalid) -> None:
    field = refusal.problems[0].field
    form.add_error(field if field in form.fields else None, refusal.message)


def _member(request: HttpRequest) -> User:
    """Who acts; the access middleware lets nobody else in."""
    return cast(User, request.user)


def _edit_page(
    request: HttpRequest, form: SurveyForm, formset: Any, survey_id: UUID | None
) -> HttpResponse:
    has_errors = bool(form.errors) or (formset.is_bound and not formset.is_valid())
    context = {"form": form, "formset": formset, "survey_id": survey_id}
    status = 422 if has_errors else 200
    return render(request, "surveys/survey_edit.html", context, status=status)


@require_safe
def survey_preview(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """The survey as people see it, open or not; it cannot be sent from here."""
    survey = get_object_or_404(Survey, pk=survey_id)
    with speak(survey.language):
        context = {"survey": survey, "fields": fields_of(survey), "is_preview": True}
        return hosted(request, "surveys/answer.html", context)


@require_POST
def survey_open(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Open a survey to answers."""
    return _set_open(request, survey_id, is_open=True)


@require_POST
def survey_close(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Close a survey: its links say so, and no journey that asks it can be published."""
    return _set_open(request, survey_id, is_open=False)


def _set_open(request: HttpRequest, survey_id: UUID, *, is_open: bool) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=survey_id)
    set_survey_open(survey_id=survey.pk, is_open=is_open, by=_member(request), now=timezone.now())
    return redirect("surveys:survey", survey.pk)
