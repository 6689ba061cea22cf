"""The API's one error shape, for whatever went wrong."""

import logging
import math
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import Problem, Retryable, ViaggioError

log = logging.getLogger(__name__)

# Framework words for what we call otherwise everywhere.
CODES = {"max_value": "out_of_range", "min_value": "out_of_range", "max_length": "too_long"}
RETRY_SECONDS = 5


class ApiRefusal(exceptions.APIException):
    """A refusal with a status, a stable code, a sentence, and what is wrong with which field."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(message, code)
        self.status_code = status
        self.problems = list(problems)


def refuse(problem: Problem, *, status: int = 400) -> ApiRefusal:
    """The refusal of a request because of one problem, which is named at the top too."""
    return ApiRefusal(problem.code, problem.message, status=status, problems=[problem])


def refuse_all(problems: Sequence[Problem]) -> ApiRefusal:
    """The refusal of a request for several problems; the top code is theirs when they agree."""
    if len({problem.code for problem in problems}) == 1:
        return ApiRefusal(problems[0].code, problems[0].message, problems=problems)
    return ApiRefusal("invalid", _("Some of the values need attention."), problems=problems)


def error_body(code: str, message: str, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    """`{"code", "message", "errors": [{"field" | "index", "code", "message"}]}`."""
    errors = [problem.as_json() for problem in problems]
    return {"code": code, "message": str(message), "errors": errors}


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to any refusal in the one shape; None lets an unforeseen error become a 500."""
    refusal = as_api_exception(exc)
    if refusal is None:
        return None
    response = Response(error_body(*_words(refusal)), status=refusal.status_code)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        header = context["view"].get_authenticate_header(context["request"])
        response["WWW-Authenticate"] = header or "Bearer"
    if seconds := _seconds_to_wait(exc, response.status_code):
        response["Retry-After"] = str(math.ceil(seconds))
    return response


def _seconds_to_wait(exc: Exception, status: int) -> float | None:
    if isinstance(exc, Retryable) and exc.retry_after:
        return exc.retry_after
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return RETRY_SECONDS
    wait: float | None = getattr(exc, "wait", None)
    return wait


def as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """Our own and Django's refusals as the framework's; None for what is no refusal."""
    if isinstance(exc, exceptions.ValidationError):
        return refuse_all(list(flatten(exc.detail)))
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, ViaggioError):
        status = 503 if exc.retryable else 400
        return ApiRefusal(exc.code, str(exc.message), status=status, problems=exc.problems)
    if isinstance(exc, (OperationalError, InterfaceError)):
        log.exception("database_unavailable")
        return ApiRefusal(
            "unavailable", _("This is not possible right now. Try again shortly."), status=503
        )
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    return None


def _words(exc: exceptions.APIException) -> tuple[str, str, Sequence[Problem]]:
    if isinstance(exc, ApiRefusal):
        return str(exc.get_codes()), str(exc.detail), exc.problems
    if isinstance(exc, exceptions.NotFound):
        return "not_found", _("There is nothing at this address."), ()
    return FRAMEWORK_CODES.get(type(exc), str(exc.get_codes())), str(exc.detail), ()


FRAMEWORK_CODES = {
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "rate_limited",
    exceptions.PermissionDenied: "forbidden",
    exceptions.ParseError: "invalid_json",
}


def flatten(detail: Any, path: str = "") -> Iterator[Problem]:
    """The problems in a serializer's nested error detail, with dotted field names."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            # A list of dicts or lists is about the items; a list of sentences about the field.
            inside = f"{path}.{position}" if isinstance(inner, (dict, list)) else path
            yield from flatten(inner, inside)
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield Problem(CODES.get(code, code), str(detail), field=path)
