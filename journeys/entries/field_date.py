"""The day in a contact's field: a birthday every year, or a date once."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.models import Contact, ContactField
from journeys.clock_fields import time_field, time_of
from journeys.contracts import Config, TimedEntry, entries
from journeys.moments import Scope, moment_sql, zone_join

CONTACTS = Contact._meta.db_table
# Texts that are no dates are passed over: a field may have had another type before. A day beyond
# its month's last would come out as another date, which is how it is told (PostgreSQL 15 has no
# function that asks).
DATED = f"""
    (SELECT id, zone,
            CASE WHEN to_char(reckoned, 'YYYY-MM-DD') = written THEN reckoned END AS day
       FROM (SELECT contact.id, zone.name AS zone, contact.fields ->> %(field)s AS written,
                    CASE WHEN contact.fields ->> %(field)s
                              ~ '^(?!0000)\\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$'
                         THEN make_date(substr(contact.fields ->> %(field)s, 1, 4)::int,
                                        substr(contact.fields ->> %(field)s, 6, 2)::int, 1)
                              + substr(contact.fields ->> %(field)s, 9, 2)::int - 1
                    END AS reckoned
               FROM {CONTACTS} AS contact {zone_join("contact")}
              WHERE contact.fields ? %(field)s) AS read) AS dated"""
ONCE = moment_sql("dated.day - %(before)s", "%(at)s", "dated.zone")
# The day itself where there is one, else the last of its month: 29 February is the 28th.
YEARLY = moment_sql(
    "(dated.day + make_interval(years => year - extract(year FROM dated.day)::int))::date"
    " - %(before)s",
    "%(at)s",
    "dated.zone",
)
SELECT_ONCE = f"""
    SELECT dated.id, dated.day::text, {ONCE},
           jsonb_build_object('field', %(field)s::text, 'date', dated.day::text)
      FROM {DATED}
     WHERE dated.day BETWEEN %(since)s::date + %(before)s - 2 AND %(now)s::date + %(before)s + 2
       AND {ONCE} > %(since)s AND {ONCE} <= %(now)s"""
SELECT_YEARLY = f"""
    SELECT dated.id, year::text, {YEARLY},
           jsonb_build_object('field', %(field)s::text, 'date', dated.day::text,
                              'years', year - extract(year FROM dated.day)::int)
      FROM generate_series(extract(year FROM %(since)s::date + %(before)s - 2)::int,
                           extract(year FROM %(now)s::date + %(before)s + 2)::int) AS year
     CROSS JOIN {DATED}
     WHERE year > extract(year FROM dated.day)
       AND {YEARLY} > %(since)s AND {YEARLY} <= %(now)s"""


def _fields() -> list[tuple[str, str]]:
    dates = ContactField.objects.filter(type=ContactField.Type.DATE)
    return list(dates.values_list("key", "label"))


class FieldDateForm(forms.Form):
    """Which field, whether every year, how many days before, at what time of day."""

    field = forms.ChoiceField(
        label=gettext_lazy("Field"),
        choices=_fields,
        help_text=gettext_lazy("Contact fields of the type “date”."),
    )
    yearly = forms.BooleanField(
        label=gettext_lazy("Every year, as for a birthday"), required=False, initial=True
    )
    days_before = forms.IntegerField(
        label=gettext_lazy("Days before"), min_value=0, max_value=300, initial=0, required=False
    )
    at = time_field()


class FieldDate(TimedEntry):
    """Once per year, or once per date, at a time of day where the person is."""

    key = "field_date"
    label = gettext_lazy("Date of a field")
    icon = "cake"
    form = FieldDateForm
    # Another time zone moves the hour; a date written down on the very day still counts.
    looks_back = timedelta(days=1)

    def example(self) -> Config:
        ContactField.objects.get_or_create(
            key="birthday", defaults={"label": _("Birthday"), "type": ContactField.Type.DATE}
        )
        return {"field": "birthday", "yearly": True, "days_before": 0, "at": "09:00:00"}

    def summary(self, config: Config) -> str:
        name = dict(_fields()).get(config["field"], config["field"])
        words = {"field": name, "time": str(config.get("at", ""))[:5]}
        days = int(config.get("days_before") or 0)
        if days:
            text = ngettext(
                "A day before “%(field)s”", "%(days)s days before “%(field)s”", days
            ) % {**words, "days": days}
        else:
            text = _("On the day of “%(field)s”") % words
        parts = [text, *([_("every year")] if config.get("yearly") else [])]
        return _("%(day)s; at %(time)s, their time") % {**words, "day": ", ".join(parts)}

    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        return (SELECT_YEARLY if config.get("yearly") else SELECT_ONCE), {
            "field": config["field"],
            "before": int(config.get("days_before") or 0),
            "at": time_of(config),
        }

    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        return scope.next_at(time_of(config))


entries.register(FieldDate())
