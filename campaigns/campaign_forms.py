"""What an owner fills in for a campaign: the mail, for whom, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.launching import FARTHEST, CampaignDraft
from campaigns.models import Campaign, Template
from contacts.conditions.in_segment import segment_names
from contacts.widgets import SuggestInput, tag_names


@dataclass(frozen=True)
class Choice:
    """One way to answer, as a card to be chosen."""

    value: str
    label: str | Promise
    text: str | Promise
    icon: str
    tone: str


WHEN = (
    Choice(
        "now",
        gettext_lazy("As soon as I say so"),
        gettext_lazy("You press the button on the next page."),
        "send",
        "k-message",
    ),
    Choice(
        "at",
        gettext_lazy("At a time"),
        gettext_lazy("It leaves by itself on that day."),
        "calendar-clock",
        "k-wait",
    ),
)
AUDIENCES = (
    Choice(
        Campaign.Audience.EVERYONE,
        gettext_lazy("All subscribers"),
        gettext_lazy("Everybody who agreed to marketing mail."),
        "users",
        "k-trigger",
    ),
    Choice(
        Campaign.Audience.TAG,
        gettext_lazy("People with a tag"),
        gettext_lazy("Those who have not agreed are left out, and shown."),
        "tag",
        "k-logic",
    ),
    Choice(
        Campaign.Audience.SEGMENT,
        gettext_lazy("A segment"),
        gettext_lazy("Whoever is in it when the campaign starts."),
        "users-round",
        "k-data",
    ),
)


def moment_in(zone: ZoneInfo, day: date, at: time) -> datetime:
    """The UTC moment of a wall-clock time.

    A time the clocks skip is moved forward by the gap (02:30 becomes 03:30); of one that comes
    twice it is the first.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


class CampaignFields(forms.Form):
    """One campaign, in the words of its page."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("Only you see this.")
    )
    template = forms.ChoiceField(label=gettext_lazy("Mail"))
    audience_kind = forms.ChoiceField(label=gettext_lazy("For whom"), initial="everyone")
    tag = forms.CharField(
        label=gettext_lazy("Tag"), max_length=60, required=False, widget=SuggestInput(tag_names)
    )
    segment = forms.ChoiceField(label=gettext_lazy("Segment"), required=False)
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(each.value, each.label) for each in WHEN],
        initial="now",
        required=False,
    )
    send_date = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    send_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        saved = Template.objects.filter(live_version__isnull=False).order_by("name")
        self.templates = [(str(pk), name) for pk, name in saved.values_list("pk", "name")]
        self._field("template").choices = [("", _("Choose a mail")), *self.templates]
        self._field("send_time").help_text = _("In the time zone %(zone)s.") % {"zone": zone.key}
        self._field("segment").choices = [("", _("Choose a segment")), *segment_names().items()]
        self._field("audience_kind").choices = [(each.value, each.label) for each in AUDIENCES]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def audience_cards(self) -> list[tuple[Choice, bool]]:
        """The kinds of audience, and which one is chosen."""
        return self._cards("audience_kind", AUDIENCES)

    def when_cards(self) -> list[tuple[Choice, bool]]:
        """Now or later, and which one is chosen."""
        return self._cards("when", WHEN)

    def _cards(self, name: str, choices: Sequence[Choice]) -> list[tuple[Choice, bool]]:
        chosen = str(self[name].value() or choices[0].value)
        return [(each, each.value == chosen) for each in choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("audience_kind") == Campaign.Audience.TAG and not cleaned.get("tag"):
            self.add_error("tag", _("Say which tag."))
        if cleaned.get("audience_kind") == Campaign.Audience.SEGMENT and not cleaned.get("segment"):
            self.add_error("segment", _("Say which segment."))
        if cleaned.get("when") == "at":
            self._clean_time(cleaned)
        return cleaned

    def _clean_time(self, cleaned: dict[str, Any]) -> None:
        for name, words in (("send_date", _("Say which day.")), ("send_time", _("Say when."))):
            if name not in self.errors and cleaned.get(name) is None:
                self.add_error(name, words)
        if cleaned.get("send_date") and cleaned.get("send_time") is not None:
            day = cleaned["send_date"]
            if not 0 <= (day - self.now.astimezone(self.zone).date()).days <= FARTHEST.days:
                self.add_error("send_date", _("Choose a day within two years from now."))
                return
            cleaned["send_at"] = moment_in(self.zone, day, cleaned["send_time"])
            if cleaned["send_at"] <= self.now:
                self.add_error("send_time", _("This is over. Choose a time ahead."))

    def draft(self) -> CampaignDraft:
        """What was filled in, for the service."""
        given = self.cleaned_data
        return CampaignDraft(
            name=given["name"],
            template_id=UUID(given["template"]),
            audience_kind=given["audience_kind"],
            tag=given["tag"],
            segment=given["segment"],
            send_at=given.get("send_at"),
            send_zone=self.zone.key,
        )


def initial_of(campaign: Campaign, zone: ZoneInfo) -> dict[str, Any]:
    """The fields as they are stored."""
    at = campaign.send_at.astimezone(zone) if campaign.send_at else None
    config = campaign.audience.get("config", {})
    return {
        "name": campaign.name,
        "template": str(campaign.template_id),
        "audience_kind": campaign.audience_kind,
        "tag": config.get("tag", ""),
        "segment": config.get("segment", ""),
        "when": "at" if at else "now",
        "send_date": at.date() if at else None,
        "send_time": at.time() if at else None,
    }


class TestFields(forms.Form):
    """Where a test goes and whom it is filled in for."""

    to = forms.EmailField(label=gettext_lazy("To"))
    contact = forms.ChoiceField(label=gettext_lazy("Filled in for"), required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].choices = [  # type: ignore[attr-defined]
            ("", _("An invented person")),
            *people,
        ]
