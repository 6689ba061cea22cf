"""The stretch of time a report is of: chosen in the address, said in words, kept in every link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import EVER, Window
from journeys.local_time import moment_of
from journeys.models import Journey, JourneyVersion

DAYS = (7, 30, 90)
DEFAULT_DAYS = 90
VERSION = re.compile(r"v([1-9][0-9]{0,5})")
MIDNIGHT = time()
# No journey is older, and no zone moves these out of the calendar.
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


class DatesForm(forms.Form):
    """Own dates, both of them included; at least one."""

    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            day = cleaned.get(name)
            if day and not FIRST <= day <= LAST:
                self.add_error(name, _("Choose a day from the year 2000 on."))
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        if not self.errors and not since and not until:
            self.add_error("since", _("Choose at least one of the two days."))
        return cleaned


@dataclass(frozen=True)
class Period:
    """A window by name; `query` is what links carry so that they mean the same, {} by default."""

    key: str
    window: Window
    # On the button, and as a sentence about whom the figures count.
    label: str
    words: str
    query: Mapping[str, str] = field(default_factory=dict)
    # Own dates as they were given, with what is wrong about them.
    form: DatesForm = field(default_factory=DatesForm)

    @property
    def is_refused(self) -> bool:
        """Whether own dates were given that are none; the window is the default one then."""
        return self.form.is_bound and not self.form.is_valid()


def period_of(
    given: Mapping[str, str], *, journey: Journey, now: datetime, zone: ZoneInfo
) -> Period:
    """The period that an address asks for; what it does not know counts as not given."""
    key = given.get("period", "")
    if key == "own":
        chosen: Period | None = _own(given, zone)
    else:
        chosen = _named(key, journey, now, zone)
    if chosen is None or chosen.is_refused:
        form = chosen.form if chosen else DatesForm()
        return _narrowed(replace(_default(journey, now, zone), form=form), given, zone)
    return _narrowed(replace(chosen, query={"period": key, **chosen.query}), given, zone)


def choices(journey: Journey, *, now: datetime, zone: ZoneInfo) -> list[Period]:
    """What the chooser offers besides own dates."""
    version = journey.live_version
    keys = [*(str(days) for days in DAYS), *([f"v{version.number}"] if version else []), "all"]
    found = [_named(key, journey, now, zone) for key in keys]
    return [replace(each, query={"period": each.key}) for each in found if each]


def days_of(window: Window, zone: ZoneInfo, *, now: datetime) -> tuple[date | None, date]:
    """The first and the last day of a window there; None for one without a beginning."""
    since = window.since.astimezone(zone).date() if window.since else None
    if window.until is None or window.until > now:
        return since, now.astimezone(zone).date()
    return since, (window.until - timedelta(microseconds=1)).astimezone(zone).date()


def _default(journey: Journey, now: datetime, zone: ZoneInfo) -> Period:
    """The last 90 days; all time for a journey that is not as old."""
    if journey.created_at > now - timedelta(days=DEFAULT_DAYS):
        return _all()
    return _last(DEFAULT_DAYS, now, zone)


def _named(key: str, journey: Journey, now: datetime, zone: ZoneInfo) -> Period | None:
    if key == "all":
        return _all()
    if key in {str(days) for days in DAYS}:
        return _last(int(key), now, zone)
    if found := VERSION.fullmatch(key):
        return _since_version(int(found[1]), journey, zone)
    return None


def _all() -> Period:
    return Period("all", EVER, _("All time"), _("Everybody who ever came in"))


def _last(days: int, now: datetime, zone: ZoneInfo) -> Period:
    """Today and the days before it, in whole days: a list opened an hour later is the same."""
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    words = {"days": days}
    return Period(
        str(days),
        Window(since=moment_of(first, MIDNIGHT, zone)),
        _("Last %(days)s days") % words,
        _("People who came in during the last %(days)s days") % words,
    )


def _since_version(number: int, journey: Journey, zone: ZoneInfo) -> Period | None:
    version = journey.live_version
    if version is None or version.number != number:
        version = JourneyVersion.objects.filter(journey=journey, number=number).first()
    if version is None:
        return None
    words = {"number": number, "day": _day(version.published_at.astimezone(zone).date())}
    return Period(
        f"v{number}",
        Window(since=version.published_at),
        _("Since version %(number)s") % words,
        _("People who came in since version %(number)s was published, %(day)s") % words,
    )


def _own(given: Mapping[str, str], zone: ZoneInfo) -> Period:
    form = DatesForm(given)
    kept = {name: given[name][:20] for name in ("since", "until") if given.get(name)}
    if not form.is_valid():
        return Period("own", EVER, "", "", form=form)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    words = {"since": _day(since) if since else "", "until": _day(until) if until else ""}
    if since and until:
        label = _("%(since)s to %(until)s") % words
        sentence = _("People who came in from %(since)s to %(until)s") % words
    elif since:
        label = _("From %(since)s") % words
        sentence = _("People who came in from %(since)s on") % words
    else:
        label = _("Until %(until)s") % words
        sentence = _("People who came in until %(until)s") % words
    return Period("own", _of_days(since, until, zone), label, sentence, kept, form)


def _narrowed(period: Period, given: Mapping[str, str], zone: ZoneInfo) -> Period:
    """Those of a period who came in from `first` to `last`: a bar of a chart, a line of a table."""
    first, last = _read_day(given.get("first", "")), _read_day(given.get("last", ""))
    if first is None or last is None or period.is_refused:
        return period
    days = _of_days(first, last, zone)
    since = max((each for each in (period.window.since, days.since) if each), default=None)
    until = min((each for each in (period.window.until, days.until) if each), default=None)
    words = {"since": _day(first), "until": _day(last)}
    if first == last:
        sentence = _("People who came in on %(since)s") % words
    else:
        sentence = _("People who came in from %(since)s to %(until)s") % words
    query = {**period.query, "first": first.isoformat(), "last": last.isoformat()}
    return replace(period, window=Window(since, until), words=sentence, query=query)


def _of_days(since: date | None, until: date | None, zone: ZoneInfo) -> Window:
    """From the first moment of the first day until the last one's is over."""
    return Window(
        moment_of(since, MIDNIGHT, zone) if since else None,
        moment_of(until + timedelta(days=1), MIDNIGHT, zone) if until else None,
    )


def _read_day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None


def _day(day: date) -> str:
    return date_format(datetime.combine(day, time(12), UTC), "j M Y")
