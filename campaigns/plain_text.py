"""Plain text of a piece of sanitised HTML."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

PARAGRAPHS = {"p", "div", "ul", "ol", "blockquote", "table", "h1", "h2", "h3", "h4"}
LINES = {"li", "tr", "br"}
SILENT = {"style", "script", "head", "title"}


def text_of(html: str, link: Callable[[str], str]) -> str:
    """Paragraphs with an empty line between them; `link` marks each address that is shown."""
    reader = _Reader(link)
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split(" ")).strip() for line in "".join(reader.out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self, link: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._link = link
        self._hrefs: list[tuple[str, int]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        if tag in PARAGRAPHS:
            self.out.append("\n\n")
        elif tag in LINES:
            self.out.append("\n")
        if tag == "li":
            self.out.append("* ")
        elif tag == "a":
            self._hrefs.append((dict(attrs).get("href") or "", len(self.out)))
        elif tag == "img":
            self.out.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0
        if tag in PARAGRAPHS:
            self.out.append("\n\n")
        elif tag == "td":
            self.out.append(" ")
        elif tag == "a" and self._hrefs:
            self._end_link(*self._hrefs.pop())

    def _end_link(self, href: str, start: int) -> None:
        if not href or href.startswith("#"):
            return
        shown = "".join(self.out[start:]).strip()
        self.out.append(self._link(href) if not shown else f" ({self._link(href)})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.out.append(re.sub(r"\s+", " ", data))
