"""Structured logs: one line an event, with the workspace and the request id on each."""

import logging
import re
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from core.ids import uuid7

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# The addresses whose last part opens a door to whoever has it: links in mails, tickets, resets.
SECRET_PART = re.compile(
    r"(/(?:confirm|u|p|r|o|v|hooks/\w+|confirm-email|password/reset/key)/|[?&]token=)[\w:=-]{16,}"
)


def add_workspace(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Name the workspace a line belongs to; "-" outside any."""
    from django.db import connection

    schema = getattr(connection, "schema_name", None)
    event.setdefault("workspace", "-" if schema in (None, "public") else schema)
    return event


def one_line(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Keep line breaks out of every value, so that no input can forge a log line."""
    return {
        key: value.replace("\r", "\\r").replace("\n", "\\n")
        if isinstance(value, str) and key != "exception"
        else value
        for key, value in event.items()
    }


def mask_tokens(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Keep the tokens of links out of every line, so that a log opens no door."""
    return {
        key: SECRET_PART.sub(r"\1***", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def logging_settings(*, json: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON lines for machines, `key=value` lines for a terminal."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_workspace,
        structlog.processors.format_exc_info,
        one_line,
        mask_tokens,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": "INFO"},
            # Three lines for each tick, thirty ticks a minute, would bury all others.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "mail.log": {"level": "WARNING"},
        },
    }


class RequestIdMiddleware:
    """Gives each request an id, logs its outcome in one line, and answers with the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = logging.getLogger("viaggio.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(uuid7())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            self.log.info("%s %s %s", request.method, request.path, response.status_code)
        response["X-Request-Id"] = request_id
        return response
