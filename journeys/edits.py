"""Operations on a draft: a definition in, another one out. One file each in journeys/operations."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.api.errors import CODES, ApiRefusal
from core.api.json_body import decode_json, value_problem
from core.errors import Invalid, Problem
from core.registry import Registry
from journeys.contracts.plugins import Words
from journeys.definition import Definition
from journeys.models import Journey
from journeys.places import check_limits

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Edit:
    """What an operation made of a definition.

    `what` is the title of what it was done to, `focus` the part to look at next; `said` is what to
    tell who did it, where the operation's own words do not do.
    """

    definition: Definition
    what: str = ""
    focus: str = ""
    said: str = ""


class Operation(ABC):
    """One way to change a draft."""

    key: str
    # What it does, after "Undo:"; and what somebody did, after their name.
    label: Words
    past: Words
    # What has to be posted.
    fields: type[forms.Form]
    # True when it sets what a step does, so that what the settings wish for is made.
    furnishes = False

    def read(self, data: Given, journey: Journey) -> dict[str, Any]:
        """The posted fields, checked; those left out are missing. Raises Invalid."""
        form = self.fields(data)
        if not form.is_valid():
            raise _refused(form)
        return {name: value for name, value in form.cleaned_data.items() if name in data}

    @abstractmethod
    def apply(self, definition: Definition, given: Given) -> Edit:
        """The changed definition; raises Invalid, in words, for what cannot be done."""

    def done(self, definition: Definition, given: Given) -> Edit:
        """`apply`, refused as well when the journey would grow beyond its limits."""
        edit = self.apply(definition, given)
        check_limits(edit.definition)
        return edit

    def doing(self, what: str) -> str:
        """ "add Email": what undoing it takes back."""
        return str(self.label) % {"what": what}

    def having_done(self, what: str) -> str:
        """ "added “Email”": what somebody did."""
        return str(self.past) % {"what": what}

    def saying(self, edit: Edit) -> str:
        """What to tell who did it."""
        return edit.said or capfirst(self.having_done(edit.what))


def _refused(form: forms.Form) -> Invalid:
    problems = [
        Problem(
            CODES.get(error.code or "", error.code or "invalid"), " ".join(error.messages), name
        )
        for name, errors in form.errors.as_data().items()
        for error in errors
    ]
    first = problems[0]
    return Invalid(first.code, f"“{first.field}”: {first.message}", problems)


class LaneField(forms.CharField):
    """The number of a lane; None for the word that stands for no lane."""

    def __init__(self, *, otherwise: str) -> None:
        super().__init__(required=False, max_length=20)
        self.otherwise = otherwise

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if text in ("", self.otherwise):
            return None
        if not text.isdecimal() or len(text) > 3:
            raise ValidationError(_("This step has no such branch."), code="no_such_branch")
        return int(text)

    def run_validators(self, value: Any) -> None:
        """Nothing more to check: what is no number is refused already."""


class ObjectField(forms.Field):
    """A JSON object, itself or as text; nothing the database would choke on."""

    def to_python(self, value: Any) -> dict[str, Any]:
        """Raises ValidationError for anything else."""
        try:
            found = decode_json(value.encode()) if isinstance(value, str) and value else value
        except (ApiRefusal, UnicodeError):
            found = None
        if not isinstance(found, dict):
            raise ValidationError(_("Send a JSON object."), code="not_an_object")
        if problem := value_problem(found):
            raise ValidationError(problem.message, code=problem.code)
        return found

    def validate(self, value: Any) -> None:
        """An empty object is one."""


class PlaceField(forms.CharField):
    """Where something goes; left out, it is the beginning."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=30)


class StepField(forms.CharField):
    """The id of a step."""

    def __init__(self) -> None:
        super().__init__(max_length=30)


operations: Registry[Operation] = Registry("operations")
