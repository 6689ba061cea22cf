"""The OpenAPI document, laid out for a page: sections of operations, their fields, a call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.api.schema import api_document

METHODS = ("get", "post", "patch", "put", "delete")
# In the order a newcomer needs them; any other kind comes after.
KINDS = ("Contacts", "Tags", "Consents", "Custom fields", "Events", "Journeys", "Messages")
# Fields inside fields inside fields: deeper than this is left to the document itself.
DEPTH = 3


@dataclass(frozen=True)
class Field:
    """A parameter or a value in a body: its dotted name, its type in words."""

    name: str
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    """A status and when it comes."""

    status: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One call."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: list[Field]
    body: list[Field]
    result: list[Field]
    answers: list[Answer]
    curl: str


@dataclass(frozen=True)
class Section:
    """The calls about one kind of thing."""

    name: str
    anchor: str
    operations: list[Operation]


@cache
def guide() -> list[Section]:
    """All operations by section, in the order of KINDS."""
    return read_document(api_document())


def read_document(document: dict[str, Any]) -> list[Section]:
    """The sections of any OpenAPI document of ours."""
    reader = Reader(document["components"]["schemas"])
    sections: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                sections.setdefault(operation["tags"][0], []).append(
                    reader.operation(path, method, operation)
                )
    return [
        Section(name, name.lower().replace(" ", "-"), sorted(found, key=_place))
        for name, found in sorted(sections.items(), key=lambda each: _rank(each[0]))
    ]


def _rank(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _place(operation: Operation) -> tuple[str, int]:
    return operation.path, METHODS.index(operation.method.lower())


class Reader:
    """Turns schemas into flat lists of fields, references followed."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def operation(self, path: str, method: str, operation: dict[str, Any]) -> Operation:
        """One operation as the page shows it."""
        body, example = _body(operation)
        result = next(
            (_json_schema(answer) for status, answer in operation["responses"].items()
             if status.startswith("2")),
            {},
        )  # fmt: skip
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            scope=operation["x-scope"],
            parameters=[self._parameter(each) for each in operation.get("parameters", [])],
            body=list(self._fields(body)),
            result=list(self._fields(result)),
            answers=[
                Answer(status, answer["description"] or "Done.")
                for status, answer in sorted(operation["responses"].items())
            ],
            curl=curl(method, path, example, operation.get("parameters", [])),
        )

    def _parameter(self, parameter: dict[str, Any]) -> Field:
        schema = self._followed(parameter.get("schema", {}))
        place = "" if parameter["in"] == "query" else f" ({parameter['in']})"
        return Field(
            parameter["name"] + place,
            self._type(schema),
            bool(parameter.get("required")),
            parameter.get("description") or schema.get("description", ""),
        )

    def _fields(self, schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Field]:
        schema = self._followed(schema)
        required = set(schema.get("required", []))
        for name, raw in schema.get("properties", {}).items():
            inner = self._followed(raw)
            yield Field(
                prefix + name,
                self._type(inner),
                name in required,
                raw.get("description") or inner.get("description", ""),
            )
            if depth < DEPTH:
                items = inner.get("items")
                deeper = f"{prefix}{name}[]." if items else f"{prefix}{name}."
                yield from self._fields(items or inner, deeper, depth + 1)

    def _followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema itself behind references and single-item combinations."""
        for combination in ("allOf", "oneOf", "anyOf"):
            choices = [each for each in schema.get(combination, []) if each != {"type": "null"}]
            if len(choices) == 1:
                rest = {key: value for key, value in schema.items() if key != combination}
                return {**self._followed(choices[0]), **rest}
        if "$ref" in schema:
            named: dict[str, Any] = self.schemas[schema["$ref"].rpartition("/")[2]]
            return self._followed(named)
        return schema

    def _type(self, schema: dict[str, Any]) -> str:
        if "enum" in schema:
            return ", ".join(str(value) for value in schema["enum"] if value is not None)
        kind = schema.get("type", "anything")
        if isinstance(kind, list):
            return self._type({**schema, "type": kind[0]}) + " or null"
        if kind == "array":
            return f"list of {self._type(self._followed(schema.get('items', {})))}"
        return str(schema.get("format", kind))


def _json_schema(part: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _body(operation: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """The request's schema and an example of it; ({}, None) without a body."""
    request = operation.get("requestBody", {})
    examples = request.get("content", {}).get("application/json", {}).get("examples", {})
    example = next((each["value"] for each in examples.values()), None)
    return _json_schema(request), example


def curl(method: str, path: str, example: Any, parameters: list[dict[str, Any]]) -> str:
    """The call as one would type it; HOST and KEY are left for the reader."""
    lines = [
        f"curl {'' if method == 'get' else f'-X {method.upper()} '}https://HOST{path}",
        '-H "Authorization: Bearer KEY"',
    ]
    lines += [
        f'-H "{each["name"]}: order-8812"'
        for each in parameters
        if each["in"] == "header" and each.get("required")
    ]
    if example is not None:
        text = json.dumps(example, indent=2, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{text}'"]
    return " \\\n  ".join(lines)
