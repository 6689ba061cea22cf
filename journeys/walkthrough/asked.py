"""Reading what a walk's address asks for: whatever is wrong with it is told in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from journeys.definition import Definition
from journeys.models import Journey
from journeys.rehearsal import Script, prepare
from journeys.tree import entry_words
from journeys.walkthrough.choices import MOST
from journeys.walkthrough.people import FIRST, Invented, InventedForm, newest
from journeys.walkthrough.starts import Beginning, sample
from journeys.walkthrough.walk import Plan
from journeys.ways import zone_of

# What fits into an address; a longer sample is used as it is and cannot be edited.
MOST_PAYLOAD = 3000
# Beyond it no step's time can be told.
FARTHEST = timedelta(days=3650)
LOCAL = "%Y-%m-%dT%H:%M"


class StartForm(forms.Form):
    """Which way in, when, and with what."""

    entry = forms.ChoiceField(label=gettext_lazy("Comes in by"), required=False)
    at = forms.CharField(
        label=gettext_lazy("When, by their clock"),
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    payload = forms.CharField(
        label=gettext_lazy("What the event says, as JSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
    )

    def __init__(
        self, data: Mapping[str, Any], *, words: list[str], zone: ZoneInfo, now: datetime
    ) -> None:
        super().__init__(data)
        self.zone, self.now = zone, now
        self.fields["entry"].choices = [(str(n), text) for n, text in enumerate(words)]  # type: ignore[attr-defined]
        self.fields["entry"].error_messages["invalid_choice"] = _("There is no such way in.")

    def clean_at(self) -> datetime:
        text = self.cleaned_data["at"]
        if not text:
            return self.now.astimezone(self.zone).replace(second=0, microsecond=0)
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise forms.ValidationError(_("Write a day and a time, such as 2026-11-23T10:42."))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        if not self.now - FARTHEST < moment < self.now + FARTHEST:
            raise forms.ValidationError(_("Choose a moment within ten years from now."))
        return moment

    def clean_payload(self) -> dict[str, Any] | None:
        text = self.cleaned_data["payload"].strip()
        if not text:
            return None
        if len(text) > MOST_PAYLOAD:
            words = {"most": MOST_PAYLOAD}
            raise forms.ValidationError(_("This is longer than %(most)s characters.") % words)
        return _object(text)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_constant=_refuse)
        # What the database could not keep: numbers without end, halves of characters.
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise forms.ValidationError(_('This is not JSON, such as {"total": 25}.')) from None
    if not isinstance(found, dict) or "\\u0000" in json.dumps(found):
        raise forms.ValidationError(_("Write one object with names and values."))
    return found


def _refuse(text: str) -> Any:
    raise ValueError(text)


@dataclass
class Asked:
    """What an address asks for, as far as it can be read; `plan` None where it cannot be walked."""

    definition: Definition
    of: str
    contact: Contact | None
    zone: ZoneInfo
    invented_form: InventedForm
    has_live: bool = False
    start_form: StartForm | None = None
    refusals: list[str] = field(default_factory=list)
    plan: Plan | None = None
    remarks: list[str] = field(default_factory=list)


def read(
    params: QueryDict, journey: Journey, versions: Mapping[str, Definition], now: datetime
) -> Asked:
    """`versions` are the definitions that can be walked, by what `of` calls them; the first is
    taken unless told.
    """
    of = params.get("of", "")
    refusals = [] if not of or of in versions else [_("There is no such version.")]
    of = of if of in versions else next(iter(versions))
    contact, invented, form, refusal = _person(params, journey, now)
    zone = zone_of(contact.timezone if contact else "")
    asked = Asked(
        versions[of], of, contact, zone, form, "live" in versions, refusals=[*refusals, *refusal]
    )
    script = prepare(
        journey=journey, definition=versions[of], holds_out=params.get("held") != "off"
    )
    _begin(asked, params, script, invented, now)
    return asked


def _person(
    params: QueryDict, journey: Journey, now: datetime
) -> tuple[Contact | None, Invented | None, InventedForm, list[str]]:
    who = params.get("who", "")
    if who == "new":
        form = InventedForm(params)
        if form.is_valid():
            invented = form.invented(journey.pk, now)
            return invented.contact, invented, form, []
        return None, None, form, [_("Look at the person once more.")]
    if who:
        contact = _contact(who)
        return contact, None, InventedForm(), [] if contact else [_("There is no such person.")]
    if contact := newest():
        return contact, None, InventedForm(), []
    form = InventedForm(FIRST)
    if not form.is_valid():
        return None, None, form, [_("Choose a person.")]
    invented = form.invented(journey.pk, now)
    return invented.contact, invented, form, []


def _contact(text: str) -> Contact | None:
    try:
        return Contact.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def _begin(
    asked: Asked, params: QueryDict, script: Script, invented: Invented | None, now: datetime
) -> None:
    """Read the start, and plan the walk when all is well."""
    given = {name: params.get(name, "") for name in ("entry", "at", "payload")}
    words = entry_words(asked.definition)
    form = StartForm(given, words=words, zone=asked.zone, now=now)
    if not form.is_valid():
        asked.start_form = form
        asked.refusals += [str(each[0]) for each in form.errors.values()]
        return
    values = form.cleaned_data
    position = int(values["entry"] or 0)
    known = asked.contact.pk if asked.contact and not invented else None
    known_start = sample(script, position, known, now=values["at"])
    data = known_start.data if values["payload"] is None else values["payload"]
    key = known_start.key if data == known_start.data else ""
    written = json.dumps(data, ensure_ascii=False, indent=1) if data else ""
    shown = {
        "entry": str(position),
        "at": values["at"].astimezone(asked.zone).strftime(LOCAL),
        "payload": written if len(written) <= MOST_PAYLOAD else "",
    }
    asked.start_form = StartForm(shown, words=words, zone=asked.zone, now=now)
    asked.start_form.is_valid()
    if asked.contact is None or asked.refusals:
        return
    beginning = Beginning(position, values["at"], data, key)
    asked.remarks = beginning.remarks(script, asked.contact.pk) if words else []
    asked.plan = Plan(
        script=script,
        contact=asked.contact,
        beginning=beginning,
        invented=invented,
        chosen=[each[:80] for each in params.getlist("do")[:MOST]],
        pauses=params.get("pause") == "1",
        heeds_guards=params.get("guards") != "off",
    )
