"""What stands in the side bar: each app registers its items in its own `navigation.py`.

    navigation.register(NavItem("contacts", _("Contacts"), "users", "contacts:list", order=20))

`url_name` must be known to the workspace's URLs. `role` asks `request.membership.may(role)`.
The figures of all items that a person sees are counted on every page, in one statement: each must
be the count of an index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from core.charts import localized
from core.registry import Registry

THEMES = ("light", "dark")
# Beyond this a figure is "99+", and no more rows are looked at.
MOST_COUNTED = 99


class Section(StrEnum):
    """Groups of the side bar, in the order shown; the first has no heading."""

    START = ""
    ENGAGE = "engage"
    LISTEN = "listen"
    SHOP = "shop"
    UNDERSTAND = "understand"


TITLES: dict[Section, str | Promise] = {
    Section.START: "",
    Section.ENGAGE: _("Engage"),
    Section.LISTEN: _("Listen"),
    Section.SHOP: _("Shop"),
    Section.UNDERSTAND: _("Understand"),
}


@dataclass(frozen=True)
class Pill:
    """A small figure beside an item; `label` says aloud what is counted, `hot` asks for action."""

    text: str
    label: str | Promise
    hot: bool = False


@dataclass(frozen=True)
class Counted:
    """What the small figure beside an item counts; nothing is shown for none."""

    rows: "Callable[[], QuerySet[Any]]"
    label: str | Promise
    hot: bool = False


@dataclass(frozen=True)
class NavItem:
    """One item, with what is worth counting there."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    section: Section = Section.START
    order: int = 100
    role: str | None = None
    counted: Counted | None = None


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
    seen = [
        item for item in sorted(navigation, key=lambda item: item.order) if _may_see(request, item)
    ]
    pills = _pills([item for item in seen if item.counted])
    for item in seen:
        link = Link(item.key, item.label, item.icon, reverse(item.url_name), pills.get(item.key))
        drawn[item.section].links.append(link)
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


def _pills(items: Sequence[NavItem]) -> dict[str, Pill]:
    """The figure of each item that has something to count, by its key, in one statement."""
    asked = [(item.key, item.counted) for item in items if item.counted]
    if not asked:
        return {}
    counts: list[str] = []
    parameters: list[Any] = []
    for _key, counted in asked:
        rows = counted.rows().order_by().values("pk")[: MOST_COUNTED + 1]
        sql, values = rows.query.sql_with_params()
        counts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", parameters)
        numbers = cursor.fetchone()
    return {
        key: Pill(_figure(number), counted.label, counted.hot)
        for (key, counted), number in zip(asked, numbers, strict=True)
        if number
    }


def _figure(number: int) -> str:
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else localized(number)


def _mark_current(path: str, links: list[Link]) -> None:
    """The longest address that begins the path wins; the root counts only as itself."""
    fitting = [
        link
        for link in links
        if path == link.url or (link.url != "/" and path.startswith(link.url))
    ]
    if fitting:
        max(fitting, key=lambda link: len(link.url)).is_current = True
