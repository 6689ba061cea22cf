"""Which values a mail names that its reader has none of, and what stands there instead."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from campaigns.compile import CompiledTemplate
from journeys.contracts import Gap

# {{ name.of.value | default: "this" | upcase }}; inside a loop a name may be the loop's own.
PRINTED = re.compile(r"\{\{-?\s*([a-z_][\w.]*)\s*((?:\|[^{}]*)?)-?\}\}")
DEFAULT = re.compile(r"\|\s*default:\s*(?:\"([^\"]*)\"|'([^']*)')")
LOOPED = re.compile(r"\{%-?\s*(?:for|assign|capture|tablerow)\s+(\w+)")


def gaps(compiled: CompiledTemplate, context: Mapping[str, Any]) -> list[Gap]:
    """Each once, in the order the mail names them."""
    found: dict[str, Gap] = {}
    for name, shown in [*_of_nodes(compiled.nodes), *_of_liquid(compiled)]:
        if name not in found and _is_empty(context, name):
            found[name] = Gap(name, shown)
    return list(found.values())


def _of_nodes(nodes: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if node[0] == "value":
            yield ".".join(node[1]), _default(node[2])
        elif node[0] == "url":
            yield from _of_nodes([piece for piece in node[1] if not isinstance(piece, str)])


def _default(filters: Sequence[Sequence[str]]) -> str:
    return next((str(each[1]) for each in filters if each[0] == "default"), "")


def _of_liquid(compiled: CompiledTemplate) -> Iterator[tuple[str, str]]:
    for _escapes, source in compiled.liquid:
        own = set(LOOPED.findall(source)) | {"forloop"}
        for name, filters in PRINTED.findall(source):
            if name.partition(".")[0] not in own:
                given = DEFAULT.search(filters)
                yield name, (given[1] or given[2] or "") if given else ""


def _is_empty(context: Mapping[str, Any], name: str) -> bool:
    value: Any = context
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)
