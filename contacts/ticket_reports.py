"""A ticket told of by API: recorded as an event, and shown at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.consumers import identify
from contacts.models import Ticket
from contacts.projections import project_tickets
from contacts.tickets import CLOSED, OPENED
from core.errors import Invalid
from events.ingest import ingest_events
from events.models import Event


def report_ticket(
    *, external_id: str, status: str, told: Mapping[str, Any], source: str, now: datetime
) -> Ticket:
    """The ticket after this; raises Invalid as an event would be refused.

    `told` may hold subject, url, occurred_at (an aware datetime), contact_id, identifiers. What is
    known already and has no moment of its own changes nothing.
    """
    known = Ticket.objects.filter(source=source, external_id=external_id).first()
    if known and "occurred_at" not in told and _says_nothing_new(known, status, told):
        return known
    with transaction.atomic():
        event = _recorded(external_id, status, told, source, now)
        identify([event], now)
        project_tickets([event], now)
    return Ticket.objects.get(source=source, external_id=external_id)


def _says_nothing_new(known: Ticket, status: str, told: Mapping[str, Any]) -> bool:
    same = known.status == status and known.contact_id is not None
    return same and all(
        told.get(name, "") in ("", getattr(known, name)) for name in ("subject", "url")
    )


def _recorded(
    external_id: str, status: str, told: Mapping[str, Any], source: str, now: datetime
) -> Event:
    kind = OPENED if status == Ticket.Status.OPEN else CLOSED
    moment: datetime = told.get("occurred_at") or now
    data = {"external_id": external_id, **{name: told.get(name, "") for name in ("subject", "url")}}
    item = {
        "message_id": f"{kind}:{external_id}:{moment.isoformat()}",
        "type": kind,
        "occurred_at": moment.isoformat(),
        "data": {name: value for name, value in data.items() if value},
    }
    if told.get("contact_id"):
        item["contact_id"] = str(told["contact_id"])
    if told.get("identifiers"):
        item["identifiers"] = dict(told["identifiers"])
    [verdict] = ingest_events(items=[item], now=now, source=source)
    if verdict.status == "rejected":
        problems = list(verdict.problems)
        raise Invalid(problems[0].code, problems[0].message, problems)
    return Event.objects.get(source=source, message_id=item["message_id"])
