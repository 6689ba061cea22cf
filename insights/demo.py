"""People for the demo workspace: an older list, and a few days of sign-ups in the welcome journey.

The journey is walked by the engine itself, on a clock moved back three days; its mails wait in the
queue until the workers start, and then really go to the local inbox.
"""

from datetime import datetime, timedelta
from uuid import UUID

from contacts.consent import record_consent
from contacts.models import ConsentWording
from contacts.rows import ContactRow
from contacts.tags import add_tag
from contacts.upserting import upsert_contacts
from events.drain import drain
from journeys import services
from journeys.engine import advance
from tenants.contracts import WorkspaceDefault, demo_parts
from tenants.models import Workspace

FIRST = "Maya Tom Aisha Jonas Grace Priyanka Lewis Hannah Elena Marco Sofia Luca Giulia Noah"
LAST = "Lindqvist Hargreave Bello Weir Oyelaran Shah Carr Frost Rossi Bianchi Conti Hale Reyes"
TAGS = ("sourdough", "class: laminated dough", "wholesale", "first-order")
OLDER, NEWER = 42, 12


def fill(workspace: Workspace, now: datetime) -> None:
    """Forty older contacts, twelve fresh subscribers, and the welcome journey they are in."""
    for number in range(OLDER):
        _add_older(number, now - timedelta(days=60 - number))
    start = now - timedelta(hours=60)
    journey = services.create_from_recipe(key="welcome", language=workspace.language, now=start)
    services.publish_journey(journey=journey, now=start)
    wording = ConsentWording.objects.order_by("-number").first()
    for number in range(NEWER):
        moment = start + timedelta(hours=5 * number)
        contact = _add(OLDER + number, moment, source="form")
        record_consent(
            contact_ids=[contact],
            action="subscribed",
            source="form",
            wording=wording,
            occurred_at=moment,
            now=moment,
        )
        _turn(moment)
    _turn(now)


def _add_older(number: int, moment: datetime) -> None:
    contact = _add(number, moment, source="till")
    add_tag(contact_ids=[contact], name=TAGS[number % len(TAGS)], now=moment, source="import")
    if number % 5:
        record_consent(contact_ids=[contact], action="subscribed", source="manual", now=moment)
    if number % 11 == 3:
        record_consent(
            contact_ids=[contact],
            action="unsubscribed",
            source="preferences",
            now=moment + timedelta(days=9),
        )
    _turn(moment)


def _add(number: int, moment: datetime, *, source: str) -> UUID:
    first, last = FIRST.split(), LAST.split()
    name, family = first[number % len(first)], last[number % len(last)]
    row = ContactRow(
        email=f"{name}.{family}{number}@example.com".lower(), first_name=name, last_name=family
    )
    contact_id = upsert_contacts(rows=[row], source=source, now=moment)[0].contact_id
    assert contact_id  # noqa: S101 - these addresses are well-formed
    return contact_id


def _turn(now: datetime) -> None:
    """Let events and journeys do what is due at this moment."""
    while drain(now=now).done or advance(now=now).claimed:
        continue


demo_parts.register(WorkspaceDefault("people", fill))
