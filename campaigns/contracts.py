"""What higher floors and single files register: email blocks, starter mails, results of campaigns.

A block is one file in `blocks/`, a starter one in `starters/`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise

from campaigns.colours import darkened_to_read, lightened_to_read, text_on
from core.registry import Registry

FONTS = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CARD = "#ffffff"
CARD_DARK = "#1a1d1a"


@dataclass(frozen=True)
class Brand:
    """How a workspace looks and who it is, in every mail it sends."""

    name: str
    address: str = ""
    colour: str = "#0e6a5a"
    logo_url: str = ""
    website: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Look:
    """What a block draws with: the brand, its readable colours, and two ways to mark text.

    `keep` hands finished HTML through untouched; `link` marks an address in plain text.
    """

    brand: Brand
    keep: Callable[[str], str]
    text: str = "#1d1c19"
    muted: str = "#555148"
    line: str = "#e5e2da"
    ground: str = "#f6f5f1"
    solid: str = field(init=False)
    on_solid: str = field(init=False)
    accent: str = field(init=False)
    accent_dark: str = field(init=False)

    def __post_init__(self) -> None:
        colour = self.brand.colour
        object.__setattr__(self, "solid", colour)
        object.__setattr__(self, "on_solid", text_on(colour))
        object.__setattr__(self, "accent", darkened_to_read(colour, CARD))
        object.__setattr__(self, "accent_dark", lightened_to_read(colour, CARD_DARK))

    def link(self, address: str) -> str:
        """An address inside plain text, so that it is found again when links are made."""
        return f"\x02{address}\x03"


class Block(ABC):
    """One kind of block: its settings as a form, its MJML, and its plain text."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str]
    form_class: ClassVar[type[forms.Form]]
    # True when the MJML is a whole <mj-section>; otherwise it goes into the shared column.
    is_section: ClassVar[bool] = False

    @abstractmethod
    def mjml(self, settings: dict[str, Any], look: Look) -> str:
        """MJML of the block; every setting in it is escaped by the block."""

    @abstractmethod
    def text(self, settings: dict[str, Any], look: Look) -> str:
        """The block in plain text; "" leaves it out."""


blocks: Registry[Block] = Registry("email blocks")


@dataclass(frozen=True)
class StarterMail:
    """A starter mail in one language: what an owner could have written, ready to be sent."""

    name: str
    subject: str
    preheader: str
    body: list[dict[str, Any]]


@dataclass(frozen=True)
class Starter:
    """A mail every workspace can begin with; `mails` by language, English always among them."""

    key: str
    mails: dict[str, StarterMail]

    def in_language(self, language: str) -> StarterMail:
        """The mail in this language, or in English."""
        return self.mails.get(language) or self.mails["en"]


starters: Registry[Starter] = Registry("starter mails")


@dataclass(frozen=True)
class Result:
    """What one campaign brought in: attributed orders and their value in the main currency."""

    orders: int
    value: Decimal
    currency: str = ""


@dataclass(frozen=True)
class MessageResult:
    """Something campaigns bring that a higher floor counts; its key names the people in addresses.

    `collect` is one statement for all campaigns and leaves out those that brought nothing.
    `people` gives the ids of the contacts behind it.
    """

    key: str
    label: str | Promise
    collect: Callable[[Collection[UUID]], dict[UUID, Result]]
    people: Callable[[UUID], "QuerySet[Any, UUID | None]"]


message_results: Registry[MessageResult] = Registry("results of campaigns")
