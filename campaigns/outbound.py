"""What a provider is: settings as a form, and a session that takes messages one after another."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.functional import Promise

from campaigns.feedback import Feedback
from campaigns.mime import Skeleton
from campaigns.render import RenderedMessage
from campaigns.smtp import Verdict
from core.registry import Registry


@dataclass(frozen=True)
class Parcel:
    """One message ready to leave, whatever the provider makes of it."""

    id: UUID
    to: str
    rendered: RenderedMessage
    skeleton: Skeleton
    sender: str
    sender_address: str
    date: datetime
    one_click: bool

    def mime(self) -> bytes:
        """The message as it travels by SMTP; raises MessageRefused when it may not leave."""
        return self.skeleton.fill(
            self.rendered,
            to=self.to,
            send_id=str(self.id),
            date=self.date,
            one_click=self.one_click,
        )


class Session(ABC):
    """An open line to a provider."""

    @abstractmethod
    def send(self, parcels: Sequence[Parcel]) -> Iterator[Verdict]:
        """A verdict for each parcel, in order."""


class Provider(ABC):
    """One kind of provider."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    form_class: ClassVar[type[forms.Form]]
    # Messages that go `calling` together: a kill leaves at most so many in doubt.
    group: ClassVar[int] = 50
    # For how long a call repeated with the same send id is the same send; None: not at all.
    remembers: ClassVar[timedelta | None] = None
    # How it tells what became of a message; None when it does not.
    feedback: ClassVar[Feedback | None] = None

    @abstractmethod
    def session(self, credentials: Mapping[str, Any]) -> AbstractContextManager[Session]:
        """A line that opens when first used and closes with the block."""


providers: Registry[Provider] = Registry("providers")
