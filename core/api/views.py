"""The base of every API view."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django_filters import FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from psycopg.errors import DeadlockDetected
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.api.errors import ApiRefusal, flatten, refuse, refuse_all
from core.api.limits import Allowance, KeyThrottle, add_limit_headers
from core.api.paging import KeysetPagination
from core.errors import Problem

# PostgreSQL ends one of two transactions that wait for each other; the other is through by then.
DEADLOCKS_MOST = 3


def is_deadlock(error: Exception) -> bool:
    """Whether the database ended this transaction so that another could go on."""
    return isinstance(error.__cause__, DeadlockDetected)


class ApiView(APIView):
    """A door with its own keys; its query parameters are the ones it names and no others."""

    # Doors with keys of their own need no signed-in member.
    is_open_page = True
    # The scope a key needs, by method.
    scopes: ClassVar[dict[str, str]]
    query_parameters: ClassVar[frozenset[str]] = frozenset()
    throttle_classes = [KeyThrottle]
    allowance: Allowance | None = None
    deadlocks = 0
    metadata_class = None
    http_method_names = ["get", "head", "post", "patch", "put", "delete"]

    def check_permissions(self, request: Request) -> None:
        """Refuses OPTIONS: the OpenAPI document describes all, and no browser page is let in."""
        if request.method == "OPTIONS":
            raise MethodNotAllowed("OPTIONS")
        super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Everything that is refused before a method runs."""
        super().initial(request, *args, **kwargs)
        refuse_unsized_body(request)
        refuse_unknown_parameters(request, self.allowed_parameters())

    def handle_exception(self, exc: Exception) -> Response:
        """Ask the method again when its transaction lost a deadlock: nothing of it was kept."""
        if not is_deadlock(exc) or self.deadlocks >= DEADLOCKS_MOST:
            return super().handle_exception(exc)
        self.deadlocks += 1
        method = getattr(self, str(self.request.method).lower())
        try:
            answer: Response = method(self.request, *self.args, **self.kwargs)
        except Exception as again:
            return self.handle_exception(again)
        return answer

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Response:
        """The answer with the key's allowance in its headers, kept by no cache."""
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        if self.allowance:
            add_limit_headers(final, self.allowance)
        final["Cache-Control"] = "no-store"
        return final

    def allowed_parameters(self) -> frozenset[str]:
        """The names a query string may use."""
        return self.query_parameters

    def parsed(self, serializer: type[Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The request's body as the serializer understands it; raises ValidationError."""
        if not isinstance(self.request.data, dict):
            raise refuse(Problem("not_an_object", _("Send a JSON object.")))
        form = serializer(data=self.request.data, partial=partial)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


class ListView(ApiView):
    """A list with cursor pages, an allow-listed ordering, and declared filters."""

    serializer_class: ClassVar[type[Serializer[Any]]]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    # Public name to a column that is never null; the default has a minus sign when descending.
    orderings: ClassVar[Mapping[str, str]] = {"created_at": "created_at"}
    default_order: ClassVar[str] = "-created_at"
    pagination_class = KeysetPagination
    filter_backends: ClassVar[list[type[DjangoFilterBackend]]] = []
    queryset: ClassVar[QuerySet[Any] | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Names the filters where the OpenAPI document looks for them."""
        super().__init_subclass__(**options)
        if cls.filterset_class:
            cls.filter_backends = [DjangoFilterBackend]
            cls.queryset = cls.filterset_class._meta.model._default_manager.all()

    def allowed_parameters(self) -> frozenset[str]:
        """Paging, and the filters for reading."""
        if self.request.method not in {"GET", "HEAD"}:
            return self.query_parameters
        filters = self.filterset_class.base_filters if self.filterset_class else ()
        return self.query_parameters | {"limit", "cursor", "order_by", *filters}

    def page(self, rows: QuerySet[Any]) -> Response:
        """One filtered page of the rows."""
        paginator = self.pagination_class()
        found = paginator.paginate_queryset(self.filtered(rows), self.request, self)
        return paginator.get_paginated_response(self.serializer_class(found, many=True).data)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows the query's filters let through; raises ApiRefusal for a bad value."""
        if self.filterset_class is None:
            return rows
        refuse_empty_filters(self.request, self.filterset_class)
        filters = self.filterset_class(self.request.query_params, queryset=rows)
        if not filters.is_valid():
            raise refuse_all(
                [
                    Problem("invalid_filter", problem.message, problem.field)
                    for problem in flatten(dict(filters.errors))
                ]
            )
        return filters.qs


def refuse_unsized_body(request: Request) -> None:
    """Raises ApiRefusal for a chunked body, which the server interface would show as empty."""
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise ApiRefusal("length_required", _("Send the body's Content-Length."), status=411)


def refuse_empty_filters(request: Request, filters: type[FilterSet]) -> None:
    """Raises ApiRefusal for a filter without a value, which would let everything through."""
    empty = sorted(name for name in filters.base_filters if request.query_params.get(name) == "")
    if empty:
        message = _("Give this filter a value, or leave it out.")
        raise refuse_all([Problem("invalid_filter", message, name) for name in empty])


def refuse_unknown_parameters(request: Request, allowed: frozenset[str]) -> None:
    """Raises ApiRefusal for a query parameter the view does not know."""
    unknown = sorted(set(request.query_params) - allowed)
    if unknown:
        message = _("There is no such parameter here.")
        raise refuse_all(
            [Problem("unknown_parameter", message, name.replace("\x00", "")) for name in unknown]
        )
