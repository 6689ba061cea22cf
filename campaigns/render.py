"""Fills a compiled template in for many recipients: values only, literals are ready."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from campaigns.compile import CompiledTemplate
from campaigns.nodes import CLOSE, OPEN, SEGMENT, SLOTS, Node, Part
from campaigns.places import is_safe, is_tracked
from campaigns.sandbox import LiquidPart, LiquidProgram, RenderFailure, render_many

_MARKED = re.compile(f"{OPEN}(\\w+):([^{OPEN}{CLOSE}]*){CLOSE}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_CSS = re.compile(r"[^\w #.,%-]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class LinkPatterns:
    """Where links lead: addresses with `{token}` or `{consent}` in them, and `{index}` for clicks.

    An empty `click` leaves destinations as they are; an empty `open` leaves the pixel out.
    """

    unsubscribe: str
    preferences: str
    view: str
    click: str = ""
    open: str = ""


@dataclass(frozen=True)
class Recipient:
    """One message to fill in: plain data for the template, and its two tokens (URL-safe).

    `kept` are those values that are stored with the message when it leaves.
    """

    context: Mapping[str, Any]
    token: str
    consent: str
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A part with links laid out: literals around references into the row of values."""

    literals: tuple[str, ...]
    order: tuple[int, ...]

    def text(self, values: Sequence[str]) -> str:
        """The part as one string."""
        pieces = [""] * (2 * len(self.order) + 1)
        pieces[::2] = self.literals
        pieces[1::2] = [values[index] for index in self.order]
        return "".join(pieces)


@dataclass(frozen=True)
class RenderedMessage:
    """One recipient's values, and the layouts they go into.

    `destinations` are the addresses behind links that were filled in for this recipient; link
    number `len(template.links) + n` leads to `destinations[n]`.
    """

    program: "Program"
    subject: str
    values: list[str]
    destinations: tuple[str, ...]
    unsubscribe_url: str

    @property
    def html(self) -> str:
        """The whole HTML."""
        return self.program.html.text(self.values)

    @property
    def text(self) -> str:
        """The whole plain text."""
        return self.program.text.text(self.values)


@dataclass
class _Row:
    """What the nodes of one recipient are filled from."""

    context: Mapping[str, Any]
    token: str
    consent: str
    texts: Sequence[Sequence[str]] = ()
    destinations: list[str] = field(default_factory=list)


Filler = Callable[[_Row], str]


class Program:
    """A compiled template with its links laid out, ready for any number of recipients."""

    def __init__(self, compiled: CompiledTemplate, patterns: LinkPatterns) -> None:
        self.compiled = compiled
        self.patterns = patterns
        self._tokens: dict[str, int] = {}
        self._slots = {name: _split(getattr(patterns, name)) for name in SLOTS.values()}
        self._own = _origin(patterns.click)
        self._fillers: list[Filler] = [self._filler(node) for node in compiled.nodes]
        for name in ("token", "consent"):
            self._tokens[name] = len(self._fillers)
            self._fillers.append(_token_filler(name))
        self.subject = self._layout(compiled.subject)
        self.html = self._layout(compiled.html)
        self.text = self._layout(compiled.text)
        # Only what a layout asks for is filled in; a link whose address is fixed is a literal.
        used = {*self.subject.order, *self.html.order, *self.text.order}
        self._used = [
            (index, filler) for index, filler in enumerate(self._fillers) if index in used
        ]

    @cached_property
    def liquid(self) -> LiquidProgram | None:
        """The sources for the sandbox; None when plain Python can do it all."""
        if not self.compiled.liquid:
            return None
        return LiquidProgram(
            tuple(LiquidPart(source, escapes) for escapes, source in self.compiled.liquid)
        )

    def render(self, recipients: Sequence[Recipient]) -> list[RenderedMessage | RenderFailure]:
        """A message or a failure for each recipient, in order."""
        if self.liquid is None:
            return [self._fill(recipient, ()) for recipient in recipients]
        rendered = render_many(self.liquid, [self._context(one) for one in recipients])
        return [
            texts if isinstance(texts, RenderFailure) else self._fill(recipient, texts)
            for recipient, texts in zip(recipients, rendered, strict=True)
        ]

    def _context(self, recipient: Recipient) -> dict[str, Any]:
        row = _Row({}, recipient.token, recipient.consent)
        urls = {name: self._slot_url(slot, row) for name, slot in SLOTS.items()}
        return {**recipient.context, **urls}

    def _fill(self, recipient: Recipient, texts: Sequence[str]) -> RenderedMessage | RenderFailure:
        segments = [text.split(SEGMENT) for text in texts]
        row = _Row(recipient.context, recipient.token, recipient.consent, segments)
        values = [""] * len(self._fillers)
        try:
            for index, filler in self._used:
                values[index] = filler(row)
        except (LookupError, TypeError, ValueError) as error:
            return RenderFailure(
                "template_failed",
                _("The template could not be filled in: %(detail)s.")
                % {"detail": type(error).__name__},
            )
        subject = _SPACE.sub(" ", self.subject.text(values)).strip()
        unsubscribe_url = self._slot_url("unsubscribe", row)
        return RenderedMessage(self, subject, values, tuple(row.destinations), unsubscribe_url)

    # Layouts: links and slots become literals around a token

    def _layout(self, part: Part) -> Layout:
        literals, order = [part.literals[0]], []
        for index, literal in zip(part.order, part.literals[1:], strict=True):
            fixed = self._fixed(self.compiled.nodes[index])
            if fixed is None:
                order.append(index)
                literals.append(literal)
                continue
            before, name, after = fixed
            literals[-1] += before
            if name:
                order.append(self._tokens[name])
                literals.append(after + literal)
            else:
                literals[-1] += literal
        return Layout(tuple(literals), tuple(order))

    def _fixed(self, node: Node) -> tuple[str, str, str] | None:
        """A node as text, the name of a token ("" for none) and text; None for a value."""
        if node[0] == "link":
            return self._safe_in(node[2], *self._click(node[1]))
        if node[0] == "slot":
            return self._safe_in(node[2], *_split(getattr(self.patterns, node[1])))
        if node[0] == "pixel":
            return self._pixel()
        return None

    def _click(self, index: int) -> tuple[str, str, str]:
        if not self.patterns.click:
            return self.compiled.links[index], "", ""
        return _split(self.patterns.click.replace("{index}", str(index)))

    def _pixel(self) -> tuple[str, str, str]:
        if not self.patterns.open:
            return "", "", ""
        before, name, after = _split(self.patterns.open)
        end = '" alt="" width="1" height="1" style="display:block;width:1px;height:1px;border:0;">'
        return f'<img src="{escape(before)}', name, f"{escape(after)}{end}"

    @staticmethod
    def _safe_in(place: str, *texts: str) -> tuple[str, str, str]:
        before, name, after = texts
        if place == "text":
            return before, name, after
        return escape(before), name, escape(after)

    # Fillers: one function per node

    def _filler(self, node: Node) -> Filler:
        if node[0] == "value":
            return _value_filler(node)
        if node[0] == "url":
            return self._url_filler(node)
        if node[0] == "liquid":
            return self._liquid_filler(node)
        return lambda row: self._in_region(node, row)

    def _url_filler(self, node: Node) -> Filler:
        _name, pieces, kind, place = node
        # In HTML the literal pieces come out of an attribute; values do not.
        fillers = [
            _constant(_decoded(piece, place)) if isinstance(piece, str) else _value_filler(piece)
            for piece in pieces
        ]
        return lambda row: self._address(
            "".join(filler(row) for filler in fillers), kind, place, row
        )

    def _liquid_filler(self, node: Node) -> Filler:
        _name, source, segment, kind, place = node
        if kind in ("href", "src"):
            return lambda row: self._address(
                _decoded(row.texts[source][segment], place), kind, place, row
            )
        if kind == "css":
            return lambda row: _NOT_CSS.sub("", unescape(row.texts[source][segment]))
        return lambda row: self._unmarked(row.texts[source][segment], place, row)

    def _unmarked(self, text: str, place: str, row: _Row) -> str:
        """Rendered Liquid with its marks replaced, the innermost first."""

        def replaced(found: re.Match[str]) -> str:
            kind, inner = found.groups()
            if kind == "node":
                return self._in_region(self.compiled.nodes[int(inner)], row)
            if kind == "css":
                return _NOT_CSS.sub("", unescape(inner))
            return self._address(_decoded(inner, place), kind, place, row)

        return _MARKED.sub(replaced, text) if OPEN in text else text

    def _in_region(self, node: Node, row: _Row) -> str:
        fixed = self._fixed(node)
        if fixed is None:
            raise ValueError(node[0])
        before, name, after = fixed
        return before + (getattr(row, name) if name else "") + after

    def _slot_url(self, slot: str, row: _Row) -> str:
        before, name, after = self._slots[slot]
        return before + (getattr(row, name) if name else "") + after

    def _leads_away(self, address: str) -> bool:
        """Whether a filled-in link is counted: on the web, and not one of our own pages."""
        if not self.patterns.click or not is_tracked(address):
            return False
        return not address.startswith(self._own)

    def _address(self, address: str, kind: str, place: str, row: _Row) -> str:
        """A filled-in address, made safe; a web link is noted and leads through the click page."""
        clean = _CONTROL.sub("", address).strip().replace(" ", "%20").replace("\n", "")
        if not is_safe(clean) or (kind == "src" and not is_tracked(clean)):
            return "#" if kind == "href" else ""
        if kind == "href" and self._leads_away(clean):
            if clean not in row.destinations:
                row.destinations.append(clean)
            index = len(self.compiled.links) + row.destinations.index(clean)
            before, name, after = _split(self.patterns.click.replace("{index}", str(index)))
            clean = before + (getattr(row, name) if name else "") + after
        return clean if place == "text" else escape(clean)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"


def render_batch(
    compiled: CompiledTemplate, recipients: Sequence[Recipient], *, links: LinkPatterns
) -> list[RenderedMessage | RenderFailure]:
    """A message or a failure for each recipient, in order; for one batch of one version."""
    return Program(compiled, links).render(recipients)


def _decoded(address: str, place: str) -> str:
    return unescape(address) if place == "html" else address


def _split(pattern: str) -> tuple[str, str, str]:
    """A pattern as what stands before its token, the token's name, what stands after."""
    for name in ("token", "consent"):
        before, found, after = pattern.partition(f"{{{name}}}")
        if found:
            return before, name, after
    return pattern, "", ""


def _token_filler(name: str) -> Filler:
    if name == "token":
        return lambda row: row.token
    return lambda row: row.consent


def _constant(text: str) -> Filler:
    return lambda row: text


def _value_filler(node: Node) -> Filler:
    _name, path, filters, kind = node
    steps = [_filter(*one) for one in filters]
    safe = _SAFE[kind]

    def filler(row: _Row) -> str:
        value: Any = row.context
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        for step in steps:
            value = step(value)
        return safe(_shown(value))

    return filler


def _shown(value: Any) -> str:
    """A value as Liquid shows it."""
    if isinstance(value, str):
        return value if value.isprintable() else _CONTROL.sub("", value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "".join(_shown(item) for item in value)
    return str(value)


def _filter(name: str, *arguments: str) -> Callable[[Any], Any]:
    if name == "default":
        return lambda value: arguments[0] if _is_nothing(value) else value
    return _TEXT_FILTERS[name]


def _as_text(value: Any) -> str:
    """What Liquid's filters make of a value before they work on it."""
    if value is None:
        return ""
    return _shown(value) if isinstance(value, str) else str(value)


def _is_nothing(value: Any) -> bool:
    """What Liquid's `default` replaces: nil, false and what is empty, but not zero."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


_TEXT_FILTERS: dict[str, Callable[[Any], Any]] = {
    "upcase": lambda value: _as_text(value).upper(),
    "downcase": lambda value: _as_text(value).lower(),
    "capitalize": lambda value: _as_text(value).capitalize(),
    "strip": lambda value: _as_text(value).strip(),
    # Every value is made safe for its place once, at the end.
    "escape": _shown,
}


@lru_cache(maxsize=8192)
def _html_safe(text: str) -> str:
    return escape(text)


_SAFE: dict[str, Callable[[str], str]] = {
    "text": lambda text: text if text.isalnum() else _html_safe(text),
    "css": lambda text: _NOT_CSS.sub("", text),
    "raw": lambda text: text,
}
