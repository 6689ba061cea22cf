"""The page behind the link of a survey: reading it changes nothing, sending it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import rate_limits
from core.client_ip import client_ip
from core.errors import Invalid
from surveys.contracts import Choice, Given, Words, type_of
from surveys.limits import ANSWERS_OF_LINK
from surveys.links import read_token
from surveys.models import Invitation, Question, Survey
from surveys.services.answering import answer_survey
from tenants.context import current_schema
from tenants.hosting import hosted, is_same_origin, speak, stale, too_many
from tenants.pages import open_page

PREFIX = "q-"


@dataclass(frozen=True)
class Field:
    """One question as the page draws it."""

    question: Question
    name: str
    choices: list[Choice]
    is_multiple: bool
    ends: tuple[Words, Words] | tuple[()]
    chosen: set[str] = field(default_factory=set)
    text: str = ""
    error: str = ""


@open_page
@csrf_exempt  # no cookie, no session: the personal link is the credential
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The questions, with `?a=4` the first one filled in; what is sent is kept."""
    invitation = _invitation(token)
    with speak(invitation.survey.language):
        if not invitation.survey.is_open:
            return _closed(request)
        if request.method == "POST":
            return _sent(request, invitation, token)
        fields = fields_of(invitation.survey, given=_given(request, invitation))
        return _page(request, invitation.survey, fields)


@open_page
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """The same words for every answer, and the way back to change it."""
    invitation = _invitation(token)
    with speak(invitation.survey.language):
        context = {
            "survey": invitation.survey,
            "token": token,
            "is_out": invitation.contact.email_consent == "unsubscribed",
        }
        return hosted(request, "surveys/thanks.html", context)


def _closed(request: HttpRequest) -> HttpResponse:
    return hosted(request, "surveys/closed.html", {}, status=410)


def _invitation(token: str) -> Invitation:
    invitation_id = read_token("survey", token)
    if invitation_id is None:
        raise Http404
    found = Invitation.objects.select_related("survey", "contact")
    return get_object_or_404(found, pk=invitation_id)


def _sent(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    now = timezone.now()
    if not is_same_origin(request):
        return stale(request, request.path)
    subject = f"{current_schema('A survey')} {invitation.pk}"
    if not rate_limits.take(limit=ANSWERS_OF_LINK, subject=subject, now=now):
        return too_many(request, request.path, int(ANSWERS_OF_LINK.window.total_seconds()))
    sent = {
        name.removeprefix(PREFIX): request.POST.getlist(name)
        for name in request.POST
        if name.startswith(PREFIX)
    }
    try:
        answer_survey(invitation_id=invitation.pk, sent=sent, ip=client_ip(request), now=now)
    except Invalid as refusal:
        if not refusal.problems:
            return _closed(request)
        errors = {problem.field: str(problem.message) for problem in refusal.problems}
        fields = fields_of(invitation.survey, sent=sent, errors=errors)
        return _page(request, invitation.survey, fields, status=400)
    return redirect("surveys:thanks", token)


def _given(request: HttpRequest, invitation: Invitation) -> dict[UUID, Given]:
    """What was answered before; the first question as the link in the mail says."""
    given = {
        each.question_id: Given(each.value, text=each.text) for each in invitation.answers.all()
    }
    first = invitation.survey.questions.first()
    if first and (wanted := request.GET.get("a")):
        given[first.pk] = Given(wanted)
    return given


def fields_of(
    survey: Survey,
    *,
    given: Mapping[UUID, Given] | None = None,
    sent: Mapping[str, Sequence[str]] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[Field]:
    """The questions of a survey, filled in with answers that were kept, or sent and refused."""
    return [
        _field(question, (given or {}).get(question.pk), sent or {}, errors or {})
        for question in survey.questions.all()
    ]


def _field(
    question: Question,
    given: Given | None,
    sent: Mapping[str, Sequence[str]],
    errors: Mapping[str, str],
) -> Field:
    kind, key = type_of(question), str(question.pk)
    typed = sent.get(key, ())
    return Field(
        question,
        name=f"{PREFIX}{key}",
        choices=kind.choices(question),
        is_multiple=kind.is_multiple,
        ends=kind.ends,
        chosen=set(typed) if sent else set(given.values if given else ()),
        text="\n".join(typed) if sent else given.text if given else "",
        error=errors.get(key, ""),
    )


def _page(
    request: HttpRequest, survey: Survey, fields: list[Field], status: int = 200
) -> HttpResponse:
    has_errors = any(each.error for each in fields)
    context = {"survey": survey, "fields": fields, "has_errors": has_errors}
    return hosted(request, "surveys/answer.html", context, status=status)
