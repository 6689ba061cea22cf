"""HTML written by hand: what of it may stay in a mail."""

import re
from html.parser import HTMLParser

import nh3

from campaigns.liquid_source import MARK

# What mail is made of. No scripts, frames, forms, metas, media or SVG.
TAGS = set(
    "a abbr address b blockquote br caption center cite code col colgroup dd del div dl dt em "  # noqa: SIM905
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small "
    "span strike strong sub sup table tbody td tfoot th thead time tr tt u ul".split()
)
ATTRIBUTES = {
    "*": {
        "style", "class", "id", "title", "lang", "dir", "role", "align", "valign", "bgcolor",
        "width", "height", "aria-hidden", "aria-label",
    },
    "a": {"href", "target", "name"},
    "img": {"src", "srcset", "sizes", "alt", "border", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "background", "summary"},
    "td": {"colspan", "rowspan", "nowrap", "background", "headers"},
    "th": {"colspan", "rowspan", "nowrap", "background", "headers", "scope"},
    "tr": {"background"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "col": {"span"},
    "colgroup": {"span"},
    "blockquote": {"cite"},
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_BODY = re.compile(r"<body\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]*>.*?</title\s*>", re.IGNORECASE | re.DOTALL)
_MARK_COMMENT = re.compile(r"<!--(⟦L\d+⟧)-->")
_ROWS_IN_LIQUID = re.compile(r"(<table\b[^>]*>)(\s*(?:<!--⟦L\d+⟧-->\s*)+<tr\b)", re.IGNORECASE)
_RISKY_CSS = re.compile(
    r"@import[^;]*;?|expression\s*\(|javascript:|-moz-binding|behavior\s*:", re.I
)


def sanitised(html: str) -> str:
    """A fragment with only the tags and attributes mail is made of; comments stay (Outlook's)."""
    cleaned: str = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=False,
        attribute_filter=_without_risky_css,
    )
    return cleaned


def parted(document: str) -> tuple[str, str]:
    """A whole document as its style sheets, joined, and its sanitised body."""
    styles = "\n".join(
        _RISKY_CSS.sub("", css) for css in _STYLE.findall(document) if "<" not in css
    )
    inner = _TITLE.sub("", _STYLE.sub("", document))
    body = _BODY.search(inner)
    if body:
        inner = f"<div {body[1]}>{inner[body.end() :]}</div>"
    return styles, sanitised(inner)


def _without_risky_css(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style" and _RISKY_CSS.search(value):
        return None
    return value


def tags_as_comments(html: str) -> str:
    """Marks of Liquid in running text as comments, which a table leaves where they are."""
    walker = _TextFinder(html)
    walker.feed(html)
    walker.close()
    out, end = [], 0
    for start, stop in walker.runs:
        out += [html[end:start], MARK.sub(r"<!--\g<0>-->", html[start:stop])]
        end = stop
    marked = "".join([*out, html[end:]])
    # Without a body of its own, a table's first row would bring one along at every round.
    return _ROWS_IN_LIQUID.sub(r"\1<tbody>\2", marked)


def tags_from_comments(html: str) -> str:
    """The same marks as text again."""
    return _MARK_COMMENT.sub(r"\1", html)


class _TextFinder(HTMLParser):
    """Where running text stands, style sheets and comments left out."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.runs: list[tuple[int, int]] = []
        self._starts = [0]
        for line in html.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None and MARK.search(data):
            line, column = self.getpos()
            start = self._starts[line - 1] + column
            self.runs.append((start, start + len(data)))
