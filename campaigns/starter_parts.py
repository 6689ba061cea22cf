"""Short words for writing starter mails: each gives one block."""

from typing import Any

Part = dict[str, Any]


def part(kind: str, **settings: Any) -> Part:
    """A block of any kind."""
    return {"kind": kind, "settings": settings}


def heading(text: str) -> Part:
    return part("heading", text=text)


def text(*paragraphs: str) -> Part:
    """Paragraphs, which may hold Liquid and simple HTML."""
    return part("text", html="".join(f"<p>{each}</p>" for each in paragraphs))


def button(label: str, href: str) -> Part:
    return part("button", label=label, href=href)


def footer(reason: str) -> Part:
    """Why they get this mail; address, preferences and unsubscribe come by themselves."""
    return part("footer", reason=reason)
