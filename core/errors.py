"""Errors that say, in a sentence an owner can read, what is wrong and whether to try again."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field, line or item."""

    code: str
    message: str
    field: str = ""
    index: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The `errors[]` entry of the API's one error shape."""
        where: dict[str, Any] = {}
        if self.field:
            where["field"] = self.field
        if self.index is not None:
            where["index"] = self.index
        return {**where, "code": self.code, "message": str(self.message)}


class ViaggioError(Exception):
    """A refusal with a stable code and a readable sentence."""

    retryable = False

    def __init__(self, code: str, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.problems = problems or []


class Permanent(ViaggioError):
    """Trying again cannot help."""


class Retryable(ViaggioError):
    """Trying again later may help."""

    retryable = True

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Invalid(ViaggioError):
    """Input that was refused whole; nothing was written."""
