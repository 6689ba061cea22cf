"""Pages of a list by signed keyset cursors: stable while rows come and go, cheap at any depth."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import refuse
from core.errors import Problem

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
SALT = "api.cursor"


class KeysetPagination(BasePagination):
    """`?limit=`, `?cursor=` and `?order_by=`; the view's `orderings` says what may be ordered by.

    Ties are broken by primary key.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """One page of rows; raises ApiRefusal for a bad limit, ordering or cursor."""
        query: Mapping[str, str] = request.query_params
        limit = parse_limit(query.get("limit", str(DEFAULT_LIMIT)))
        name, column, backward = parse_order(
            query.get("order_by", view.default_order), view.orderings
        )
        salt = f"{SALT}:{connection.schema_name}:{request.path}:{name}:{backward}"  # type: ignore[attr-defined]
        if "cursor" in query:
            queryset = queryset.filter(_after(query["cursor"], salt, column, backward, queryset))
        sign = "-" if backward else ""
        rows = list(queryset.order_by(f"{sign}{column}", f"{sign}pk")[: limit + 1])
        self.next_cursor = _cursor(rows[limit - 1], salt, column) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """`{"results", "next_cursor"}`; null on the last page."""
        return Response({"results": data, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in the words of OpenAPI."""
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {
                "results": {"type": "array", "items": schema.get("items", schema)},
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Pass it as `cursor` for the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The query parameters in the words of OpenAPI."""
        names = [sign + name for name in view.orderings for sign in ("", "-")]
        return [
            _parameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                "Rows per page.",
            ),
            _parameter(
                "cursor",
                {"type": "string"},
                "`next_cursor` of the page before. Good for the same list and ordering only.",
            ),
            _parameter(
                "order_by",
                {"type": "string", "enum": names, "default": view.default_order},
                "Ascending, or descending with a minus sign.",
            ),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def parse_limit(text: str) -> int:
    """Rows per page; raises ApiRefusal outside 1 to MAX_LIMIT."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIMIT):
        message = _("Use a whole number from 1 to %(most)s.") % {"most": MAX_LIMIT}
        raise refuse(Problem("invalid_limit", message, "limit"))
    return int(text)


def parse_order(text: str, orderings: Mapping[str, str]) -> tuple[str, str, bool]:
    """Public name, column, and whether descending; raises ApiRefusal for any other name."""
    name = text.removeprefix("-")
    if name not in orderings:
        message = _("Order by one of: %(names)s.") % {"names": ", ".join(orderings)}
        raise refuse(Problem("invalid_order_field", message, "order_by"))
    return name, orderings[name], text.startswith("-")


def _cursor(row: Model, salt: str, column: str) -> str:
    value = getattr(row, column)
    stored = value if isinstance(value, (int, str)) else str(value)
    return signing.dumps([stored, str(row.pk)], salt=salt)


def _after(cursor: str, salt: str, column: str, backward: bool, queryset: QuerySet[Any]) -> Q:
    try:
        value, key = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        message = _("This cursor is not from this list. Start again from the first page.")
        raise refuse(Problem("invalid_cursor", message, "cursor")) from None
    beyond = "lt" if backward else "gt"
    return Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"pk__{beyond}": key})
