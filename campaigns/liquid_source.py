"""Liquid in owners' text: finding it, hiding it from other parsers, and its simplest forms."""

import re
import unicodedata
from dataclasses import dataclass, field

LIQUID = re.compile(
    r"\{%-?\s*(raw|comment|doc)\b[^%]*?%\}.*?\{%-?\s*end\1\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}",
    re.DOTALL,
)
MARK = re.compile(r"⟦L(\d+)⟧")
_KEPT = re.compile(r"⟦K(\d+)⟧")
_ODD = re.compile(r"⟦C(\d+)⟧")
_TAG = re.compile(r"\{%-?\s*(\w+|#)")
_OPENERS = frozenset(["if", "unless", "case", "for", "tablerow", "capture", "ifchanged"])
_SILENT = frozenset(["comment", "doc", "#"])
_ASSIGNED = re.compile(r"\{%-?\s*(?:assign|capture|increment|decrement)\s+[\"']?([\w-]+)")
_LIQUID_TAG = re.compile(r"\{%-?\s*liquid\b")

_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_FILTER = (
    r"\|\s*(?:default\s*:\s*(?:\"[^\"\\]*\"|'[^'\\]*')|escape|upcase|downcase|capitalize|strip)\s*"
)
_SIMPLE = re.compile(rf"\{{\{{-?\s*({_PATH})\s*((?:{_FILTER})*)-?\}}\}}")
_ONE_FILTER = re.compile(r"\|\s*(\w+)\s*(?::\s*(?:\"([^\"]*)\"|'([^']*)'))?")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME = re.compile(r"(?<![\w.-])[A-Za-z_]\w*")
# Words that Liquid reads in its own way.
_RESERVED = {
    "nil", "null", "true", "false", "empty", "blank", "forloop", "tablerowloop", "size",
    "first", "last", "and", "or", "not", "contains", "in",
}  # fmt: skip


class UnclosedLiquid(ValueError):
    """Two braces open and never close; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True)
class Lookup:
    """`{{ contact.first_name | default: "you" }}`: a path and filters plain Python can do."""

    path: tuple[str, ...]
    filters: tuple[tuple[str, ...], ...]


def lookup_of(source: str) -> Lookup | None:
    """The simple form of an output, or None when it needs the sandbox."""
    found = _SIMPLE.fullmatch(source)
    if not found:
        return None
    path = tuple(found[1].split("."))
    if _RESERVED & set(path):
        return None
    filters = tuple(
        (name, double or single) if name == "default" else (name,)
        for name, double, single in _ONE_FILTER.findall(found[2])
    )
    return Lookup(path, filters)


def role_of(source: str) -> str:
    """What a piece of Liquid does: output, open, close, alone, or silent (a comment)."""
    if source.startswith("{{"):
        return "output"
    found = _TAG.match(source)
    name = found[1] if found else ""
    if name in _SILENT:
        return "silent"
    if name in _OPENERS:
        return "open"
    return "close" if name.startswith("end") else "alone"


def assigned_in(source: str) -> set[str]:
    """Names that this piece of Liquid gives a meaning of their own; "*" when it cannot be told."""
    names = set(_ASSIGNED.findall(source))
    return names | {"*"} if _LIQUID_TAG.match(source) else names


def names_in(source: str) -> set[str]:
    """Every word in the Liquid of a text that may be a name; those after a dot are not."""
    return {
        word for found in LIQUID.finditer(source) for word in _NAME.findall(_TEXT.sub("", found[0]))
    }


def has_liquid(text: str) -> bool:
    """Whether there is any Liquid in a text."""
    return LIQUID.search(text) is not None


def is_simple(text: str) -> bool:
    """Whether plain Python can fill in all of a text."""
    return all(lookup_of(found[0]) for found in LIQUID.finditer(text))


@dataclass
class Shelf:
    """Holds what other parsers must not see; marks like ⟦L3⟧ stand in the text meanwhile."""

    liquid: list[str] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)
    _odd: list[str] = field(default_factory=list)

    def hide(self, text: str) -> str:
        """The text with marks for Liquid and for characters the MJML writer would rewrite."""
        out, end = [], 0
        for found in LIQUID.finditer(text):
            out += [self._hide_odd(text[end : found.start()]), self._shelve(found[0])]
            end = found.end()
        hidden = "".join([*out, self._hide_odd(text[end:])])
        stray = min((hidden.find(open_) for open_ in ("{{", "{%") if open_ in hidden), default=-1)
        if stray >= 0:
            raise UnclosedLiquid(self.line_of(hidden[:stray]))
        return hidden

    def rehide(self, markup: str) -> str:
        """The same for markup that has marks in it already."""
        return LIQUID.sub(lambda found: self._shelve(found[0]), markup)

    def _shelve(self, source: str) -> str:
        self.liquid.append(source)
        return f"⟦L{len(self.liquid) - 1}⟧"

    def _hide_odd(self, text: str) -> str:
        if text.isascii() and "\\" not in text and "\x7f" not in text and text.isprintable():
            return text
        return "".join(self._shown(char) for char in text)

    def _shown(self, char: str) -> str:
        if char in "\n\r\t" or (char.isascii() and char.isprintable() and char != "\\"):
            return char
        category = unicodedata.category(char)
        if category == "Cc":
            return ""
        if char not in "⟦⟧\\" and category[0] not in "MCZ":
            return char
        self._odd.append(char)
        return f"⟦C{len(self._odd) - 1}⟧"

    def keep(self, html: str) -> str:
        """A mark for finished HTML, so that the MJML parser never reads it."""
        self._kept.append(self.rehide(html))
        return f"⟦K{len(self._kept) - 1}⟧"

    def unkept(self, text: str) -> str:
        """The text with finished HTML back in its place."""
        return _KEPT.sub(lambda found: self._kept[int(found[1])], text)

    def unhidden(self, text: str) -> str:
        """The text with odd characters back; last of all, for they may look like marks."""
        return _ODD.sub(lambda found: self._odd[int(found[1])], text)

    def line_of(self, before: str) -> int:
        """The line that follows this much hidden text, counted in the original."""
        return MARK.sub(lambda found: self.liquid[int(found[1])], before).count("\n") + 1
