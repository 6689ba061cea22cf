"""What the doors of all four kinds of shop data have in common."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from commerce.shapes import Taken
from core.api.bulk import ItemResult, bulk_response, item_problems, parse_items
from core.api.errors import flatten, refuse_all
from core.errors import Problem

SOURCE = "api"


class Door:
    """How one kind of thing is read, taken in and shown."""

    def __init__(
        self,
        *,
        name: str,
        offered: type[Serializer[Any]],
        shape: Callable[[dict[str, Any]], Any],
        take: Callable[..., list[Taken]],
        shown: type[Serializer[Any]],
        rows: Callable[[], QuerySet[Any]],
    ) -> None:
        self.name = name
        self.offered = offered
        self.shape = shape
        self.take = take
        self.shown = shown
        self.rows = rows

    def one(self, request: Request) -> Response:
        """Take one item in, and show what it became; raises ApiRefusal."""
        read = self._read(request.data)
        if isinstance(read, list):
            raise refuse_all(read)
        [taken] = self.take(items=[read], source=SOURCE, now=timezone.now())
        if taken.code:
            raise refuse_all([_problem(taken)])
        return Response(self.show(UUID(taken.id)), status=201 if taken.created else 200)

    def many(self, request: Request) -> Response:
        """Take in what can be taken, and say what became of each."""
        read = [self._read(item) for item in parse_items(request.data, self.name)]
        places = [place for place, each in enumerate(read) if not isinstance(each, list)]
        good = [read[place] for place in places]
        taken = self.take(items=good, source=SOURCE, now=timezone.now())
        results = {place: _result(place, each) for place, each in zip(places, taken, strict=True)}
        return bulk_response(
            results.get(place) or ItemResult(place, "refused", None, each)
            for place, each in enumerate(read)
        )

    def show(self, pk: UUID) -> Any:
        """One of this workspace's rows; raises Http404."""
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        return self.shown(row).data

    def _read(self, item: Any) -> Any:
        """The item in the shape of the service, or all that is wrong with it."""
        if problems := item_problems(item):
            return problems
        form = self.offered(data=item)
        if form.is_valid():
            return self.shape(dict(form.validated_data))
        return list(flatten(dict(form.errors)))


def _result(place: int, taken: Taken) -> ItemResult:
    if taken.code:
        return ItemResult(place, "refused", None, [_problem(taken)])
    status = "created" if taken.created else "updated" if taken.changed else "unchanged"
    notes = [Problem("note", note) for note in taken.notes]
    return ItemResult(place, status, taken.id, notes)


def _problem(taken: Taken) -> Problem:
    return Problem(taken.code, taken.message, taken.field_name)
