"""Walks finished HTML once and says what stands where: literals, Liquid by its place, links."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from campaigns.liquid_source import MARK

_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_ADDRESSES = frozenset(["src", "srcset", "background", "poster", "cite", "action"])
_LINKS = frozenset(["a", "area"])
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*)\s*:")


@dataclass(frozen=True)
class Literal:
    """Text that is the same for everyone."""

    text: str


@dataclass(frozen=True)
class Hole:
    """A piece of Liquid, by its number on the shelf, and the place its value lands in."""

    mark: int
    kind: str  # "text", "css" or "raw"


@dataclass(frozen=True)
class Address:
    """An address with Liquid in it; `kind` is "href" or "src"."""

    tokens: tuple["Literal | Hole", ...]
    kind: str


@dataclass(frozen=True)
class Link:
    """A link to follow and count: its destination as it stands after HTML is decoded."""

    destination: str


Token = Literal | Hole | Address | Link


def tokens_of_html(html: str) -> tuple[list[Token], list[str]]:
    """The HTML as tokens in order, and the destinations that were dropped as dangerous."""
    walker = _Walker(html)
    walker.feed(html)
    walker.close()
    return walker.tokens(), walker.dropped


def tokens_of_text(text: str) -> list[Token]:
    """Plain text as tokens; addresses in it stand between \\x02 and \\x03."""
    tokens: list[Token] = []
    for number, part in enumerate(re.split(r"[\x02\x03]", text)):
        if number % 2 == 0:
            tokens += holes(part, "raw")
        elif MARK.search(part):
            tokens.append(Address(tuple(holes(part, "raw")), "href"))
        elif is_tracked(part):
            tokens.append(Link(part))
        else:
            tokens.append(Literal(part))
    return tokens


def rewritten(tokens: Sequence[Token], rewrite: Callable[[str], str]) -> list[Token]:
    """The same tokens with every literal and destination rewritten."""
    return [_rewritten(token, rewrite) for token in tokens]


def _rewritten(token: Token, rewrite: Callable[[str], str]) -> Token:
    if isinstance(token, Literal):
        return Literal(rewrite(token.text))
    if isinstance(token, Link):
        return Link(rewrite(token.destination))
    if isinstance(token, Address):
        inner = [
            Literal(rewrite(one.text)) if isinstance(one, Literal) else one for one in token.tokens
        ]
        return Address(tuple(inner), token.kind)
    return token


def holes(text: str, kind: str) -> list[Literal | Hole]:
    """Literals and holes of a text without links."""
    found: list[Literal | Hole] = []
    for number, part in enumerate(MARK.split(text)):
        if number % 2:
            found.append(Hole(int(part), kind))
        elif part:
            found.append(Literal(part))
    return found


def is_tracked(address: str) -> bool:
    """Whether a link leads to the web; mailto, tel, anchors and empty ones are left alone."""
    scheme = _SCHEME.match(address)
    return scheme is not None and scheme[1].lower() in ("http", "https")


def is_safe(address: str) -> bool:
    """Whether an address may stand in a mail at all."""
    scheme = _SCHEME.match(re.sub(r"[\x00-\x20]", "", address))
    return scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel", "cid")


class _Walker(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._html = html
        self._starts = [0]
        for line in html.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, list[Token]]] = []
        self._css: list[tuple[int, int]] = []
        self._css_from: int | None = None
        self.dropped: list[str] = []

    def _at(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw, start = self.get_starttag_text() or "", self._at()
        if tag == "style":
            self._css_from = start + len(raw)
        for found in _ATTRIBUTE.finditer(raw, len(tag) + 1):
            quoted = found[2][0] in "\"'"
            value_start = start + found.start(2) + quoted
            value_end = start + found.end(2) - quoted
            tokens = self._attribute(tag, found[1].lower(), self._html[value_start:value_end])
            if tokens is not None:
                self._edits.append((value_start, value_end, tokens))

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self._css_from is not None:
            self._css.append((self._css_from, self._at()))
            self._css_from = None

    def _attribute(self, tag: str, name: str, value: str) -> list[Token] | None:
        """What goes in the place of an attribute's value, or None when it may stay."""
        is_link = name == "href" and tag in _LINKS
        if MARK.search(value):
            if is_link or name in _ADDRESSES or name == "href":
                return [Address(tuple(holes(value, "raw")), "href" if is_link else "src")]
            return list(holes(value, "css" if name == "style" else "text"))
        if is_link:
            return self._link(unescape(value))
        return None

    def _link(self, address: str) -> list[Token] | None:
        if is_tracked(address):
            return [Link(address)]
        if not is_safe(address):
            self.dropped.append(address)
            return [Literal("#")]
        return None

    def tokens(self) -> list[Token]:
        out: list[Token] = []
        end = 0
        for start, stop, tokens in sorted(self._edits, key=lambda edit: edit[0]):
            out += [*self._between(end, start), *tokens]
            end = stop
        return [*out, *self._between(end, len(self._html))]

    def _between(self, start: int, stop: int) -> list[Token]:
        out: list[Token] = []
        for number, part in enumerate(MARK.split(self._html[start:stop])):
            if number % 2:
                out.append(Hole(int(part), self._kind_at(start)))
                start += len(part) + 3
            else:
                out += [Literal(part)] if part else []
                start += len(part)
        return out

    def _kind_at(self, position: int) -> str:
        return "css" if any(low <= position < high for low, high in self._css) else "text"
