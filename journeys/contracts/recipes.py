"""Journeys ready to publish, and what they need from other floors."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.registry import Registry
from journeys.contracts.plugins import Words
from journeys.contracts.runs import Config

if TYPE_CHECKING:
    from journeys.pantry import Pantry


class Recipe(ABC):
    """A journey ready to publish, with the reasons for its choices; one file each."""

    key: str
    name: Words
    description: Words
    icon: str = "sparkles"
    # Its place in the gallery, lowest first.
    order: int = 100
    # The choices made and why, one sentence each.
    why: Sequence[Words] = ()

    @abstractmethod
    def build(self, pantry: "Pantry") -> Config:
        """The definition in the pantry's language, which is also the active one."""


@dataclass(frozen=True)
class Ingredient:
    """A kind of thing recipes need from another floor: a mail, a coupon, a survey.

    `make(name, language, now, settings)` finds it in the workspace, or makes it; the id that the
    settings of steps name it by.
    """

    key: str
    make: Callable[[str, str, datetime, Mapping[str, Any]], str]


recipes: Registry[Recipe] = Registry("journey recipes")
ingredients: Registry[Ingredient] = Registry("recipe ingredients")
