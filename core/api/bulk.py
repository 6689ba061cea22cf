"""Batches: every item gets its own verdict, and a bad one never sinks the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from core.api.errors import refuse
from core.api.fields import ProblemSerializer
from core.api.json_body import value_problem
from core.errors import Problem

MAX_ITEMS = 1000


@dataclass(frozen=True)
class ItemResult:
    """What became of one item of a batch."""

    index: int
    status: str
    id: str | None = None
    problems: Sequence[Problem] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry of `results[]`."""
        return {
            "index": self.index,
            "status": self.status,
            "id": self.id,
            "errors": [problem.as_json() for problem in self.problems],
        }


def parse_items(data: Any, name: str) -> list[Any]:
    """The list under `name`, the body's only field; raises ApiRefusal for any other shape."""
    if not isinstance(data, dict) or not isinstance(data.get(name), list):
        message = _("Send an object with a list named “%(name)s”.") % {"name": name}
        raise refuse(Problem("required", message, name))
    if unknown := sorted(set(data) - {name}):
        message = _("There is no such field here.")
        raise refuse(Problem("unknown_field", message, unknown[0].replace("\x00", "")))
    if len(data[name]) > MAX_ITEMS:
        message = _("Send at most %(most)s items at once.") % {"most": MAX_ITEMS}
        raise refuse(Problem("too_many_items", message, name))
    return list(data[name])


def item_problems(item: Any) -> list[Problem]:
    """What makes an item unfit before anybody looks at its meaning; empty when nothing does."""
    if not isinstance(item, dict):
        return [Problem("invalid", _("Each item must be an object."))]
    problem = value_problem(item)
    return [problem] if problem else []


def bulk_response(results: Iterable[ItemResult]) -> Response:
    """All verdicts in the order of the items, and how many there are of each."""
    listed = [result.as_json() for result in results]
    counts: dict[str, int] = {}
    for result in listed:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
    return Response({"counts": counts, "results": listed})


class ItemResultSerializer(serializers.Serializer[Any]):
    """What became of one item."""

    index = serializers.IntegerField(help_text="Its place in the list you sent, from 0.")
    status = serializers.CharField(help_text="What became of it.")
    id = serializers.CharField(allow_null=True)
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of a batch: every item has its own result."""

    counts = serializers.DictField(child=serializers.IntegerField())
    results = ItemResultSerializer(many=True)
