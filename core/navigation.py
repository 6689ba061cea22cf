"""What stands in the side bar: each app registers its items in its own `navigation.py`.

    navigation.register(NavItem("contacts", _("Contacts"), "users", "contacts:list", order=20))

`url_name` must be known to the workspace's URLs. `role` asks `request.membership.may(role)`.
`pill` runs on every page for everyone who sees the item: one cheap, indexed query at most.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from core.registry import Registry

THEMES = ("light", "dark")


class Section(StrEnum):
    """Groups of the side bar, in the order shown; the first has no heading."""

    START = ""
    ENGAGE = "engage"
    LISTEN = "listen"
    UNDERSTAND = "understand"


TITLES: dict[Section, str | Promise] = {
    Section.START: "",
    Section.ENGAGE: _("Engage"),
    Section.LISTEN: _("Listen"),
    Section.UNDERSTAND: _("Understand"),
}


@dataclass(frozen=True)
class Pill:
    """A small figure beside an item; `label` says aloud what is counted, `hot` asks for action."""

    text: str
    label: str | Promise
    hot: bool = False


@dataclass(frozen=True)
class NavItem:
    """One item; `pill` returns None when there is nothing worth counting."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    section: Section = Section.START
    order: int = 100
    role: str | None = None
    pill: Callable[[HttpRequest], Pill | None] | None = None


@dataclass
class Link:
    """An item as drawn for one request."""

    key: str
    label: str | Promise
    icon: str
    url: str
    pill: Pill | None
    is_current: bool = False


@dataclass
class Group:
    """A heading with its links."""

    title: str | Promise
    links: list[Link] = field(default_factory=list)


navigation: Registry[NavItem] = Registry("navigation")


def groups(request: HttpRequest) -> list[Group]:
    """The side bar for this person, at most one link current, sections without links left out."""
    drawn = {section: Group(title=TITLES[section]) for section in Section}
    for item in sorted(navigation, key=lambda item: item.order):
        if _may_see(request, item):
            drawn[item.section].links.append(_link(request, item))
    shown = [group for group in drawn.values() if group.links]
    _mark_current(request.path, [link for group in shown for link in group.links])
    return shown


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the base templates; nothing is asked of the database until a page draws it."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "auto",
        "navigation": SimpleLazyObject(lambda: groups(request)),
    }


def _may_see(request: HttpRequest, item: NavItem) -> bool:
    if item.role is None:
        return True
    membership = getattr(request, "membership", None)
    return membership is not None and bool(membership.may(item.role))


def _link(request: HttpRequest, item: NavItem) -> Link:
    pill = item.pill(request) if item.pill else None
    return Link(item.key, item.label, item.icon, reverse(item.url_name), pill)


def _mark_current(path: str, links: list[Link]) -> None:
    """The longest address that begins the path wins; the root counts only as itself."""
    fitting = [
        link
        for link in links
        if path == link.url or (link.url != "/" and path.startswith(link.url))
    ]
    if fitting:
        max(fitting, key=lambda link: len(link.url)).is_current = True
