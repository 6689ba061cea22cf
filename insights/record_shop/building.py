"""The shop as it is when it comes to us: catalogue, customers, history, and its journeys live."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django_tenants.utils import tenant_context

from commerce.models import Currency
from contacts.consent import record_consent
from contacts.models import ConsentWording
from contacts.tags import add_tag
from contacts.upserting import upsert_contacts
from insights.record_shop.catalogue import CURRENCY, fill_catalogue
from insights.record_shop.cdnow import Purchase, purchases
from insights.record_shop.chance import fraction
from insights.record_shop.people import has_subscribed, row_of
from insights.record_shop.selling import take_history
from insights.record_shop.working import work_off
from journeys import services
from tenants.context import enter_public
from tenants.models import User, Workspace
from tenants.provisioning import create_workspace

SLUG = "harbour-records"
NAME = "Harbour Records"
ADDRESS = "2 Quay Street, Bristol BS1 4RW"
CLUB = "record club"
CLUB_SIZE = 40
# All flows of a shop, as their recipes have them.
FLOWS = (
    "welcome",
    "abandoned_cart",
    "browse_abandonment",
    "win_back_orders",
    "win_back_unopened",
    "review_request",
    "cross_sell",
    "loyalty_coupon",
)
BATCH = 500
QUARTER = timedelta(days=90)
NEWCOMERS = 0.5


def make_shop(*, owner: User, now: datetime, slug: str = SLUG) -> Workspace:
    """An empty workspace for the shop, that no worker touches; raises Invalid when it is there."""
    with enter_public(), transaction.atomic():
        workspace = create_workspace(name=NAME, slug=slug, owner=owner, now=now)
        workspace.postal_address = ADDRESS
        # A record shop has no fear of a mail more while it is being shown.
        workspace.cap_messages = 10
        workspace.save(update_fields=["postal_address", "cap_messages"])
    return workspace


def fill_shop(
    *, workspace: Workspace, start: datetime, today: date, customers: int | None = None
) -> list[Purchase]:
    """Everything up to `start`, with the journeys published then; the purchases still to come.

    `customers` takes only the first so many of the sample.
    """
    zone = ZoneInfo(workspace.timezone)
    every = list(purchases(today=today, zone=zone, customers=customers))
    with tenant_context(workspace):
        _sell_in(CURRENCY)
        fill_catalogue(start)
        _add_people(every, start)
        take_history([each for each in every if each.at <= start], now=start)
        work_off(workspace=workspace, now=start)
        for key in FLOWS:
            journey = services.create_from_recipe(key=key, language=workspace.language, now=start)
            services.publish_journey(journey=journey, now=start)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return [each for each in every if each.at > start]


def _sell_in(currency: str) -> None:
    Currency.objects.update(is_main=False)
    Currency.objects.update_or_create(code=currency, defaults={"is_main": True, "rate": 1})


def _add_people(every: Sequence[Purchase], start: datetime) -> None:
    """Everybody of the sample; most agree to hear from the shop, a few are in its club.

    Half of those who bought in the last quarter agreed shortly before that, so that its days can be
    played through a welcome that is yet to be drawn; the others were always on the list.
    """
    moment = start - timedelta(days=540)
    customers = sorted({each.customer for each in every})
    late = _newcomers(every, start)
    known: dict[int, UUID] = {}
    for at in range(0, len(customers), BATCH):
        batch = customers[at : at + BATCH]
        found = upsert_contacts(rows=[row_of(each) for each in batch], source="shop", now=moment)
        known |= {
            customer: result.contact_id
            for customer, result in zip(batch, found, strict=True)
            if result.contact_id and has_subscribed(customer)
        }
    subscribed = [contact for customer, contact in known.items() if customer not in late]
    _agree(subscribed, moment)
    add_tag(contact_ids=subscribed[:CLUB_SIZE], name=CLUB, now=moment, source="import")
    for customer, at_checkout in late.items():
        if customer in known:
            _agree([known[customer]], at_checkout)


def _newcomers(every: Sequence[Purchase], start: datetime) -> dict[int, datetime]:
    """When those agreed who did so in the quarter before: three days before they bought."""
    recent = [each for each in every if start - QUARTER < each.at <= start]
    return {
        each.customer: each.at - timedelta(days=3)
        for each in reversed(recent)
        if fraction("newcomer", each.customer) < NEWCOMERS
    }


def _agree(contact_ids: Sequence[UUID], moment: datetime) -> None:
    record_consent(
        contact_ids=contact_ids,
        action="subscribed",
        source="form",
        wording=ConsentWording.objects.order_by("-number").first(),
        now=moment,
    )
