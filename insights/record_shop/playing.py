"""Days of the shop's life in minutes: its clock goes half an hour at a time, as fast as it can."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django_tenants.utils import tenant_context

from campaigns.launching import CampaignDraft, launch_campaign, save_campaign
from campaigns.services import TemplateDraft, save_template
from campaigns.starter_parts import footer, heading, part, text
from contacts.consent import record_consent
from contacts.models import ConsentWording
from contacts.upserting import upsert_contacts
from insights.record_shop.answering import answer, read_mail
from insights.record_shop.building import CLUB
from insights.record_shop.catalogue import COUNT, SHELVES
from insights.record_shop.cdnow import Purchase
from insights.record_shop.chance import fraction, whole
from insights.record_shop.people import row_of
from insights.record_shop.selling import DELIVERED_AFTER, deliver, fill_cart, look_at, sell
from insights.record_shop.working import work_at_night, work_off
from tenants.models import Workspace

STEP = timedelta(minutes=30)
# A hold is renewed with every step, so that a play that was killed lets go soon.
HOLD = timedelta(minutes=2)
CARTS, VIEWS, SIGN_UPS = 6, 8, 2  # a day
FIRST_CARTS = 0.7
CAMPAIGN_EVERY = timedelta(days=2)
CAMPAIGN_HOUR = 10


@dataclass
class Play:
    """One run of the clock over the purchases to come."""

    workspace: Workspace
    now: datetime
    until: datetime
    purchases: Sequence[Purchase]
    customers: Sequence[int]
    parcels: list[tuple[datetime, str]] = field(default_factory=list)

    def run(self, tell: Callable[[datetime], None] = lambda _now: None) -> None:
        """Play it to the end; `tell` hears of every new day."""
        try:
            with tenant_context(self.workspace):
                while self.now < self.until:
                    self._hold(timezone.now() + HOLD)
                    since, self.now = self.now, min(self.now + STEP, self.until)
                    if since.date() != self.now.date():
                        work_at_night(now=self.now)
                        tell(self.now)
                    self._live(since)
                    work_off(workspace=self.workspace, now=self.now)
        finally:
            self._hold(None)

    def _hold(self, until: datetime | None) -> None:
        Workspace.objects.filter(pk=self.workspace.pk).update(held_until=until)

    def _live(self, since: datetime) -> None:
        """What the shop's customers do in this half hour."""
        placed = [each for each in self.purchases if since < each.at <= self.now]
        sell(placed, now=self.now)
        self.parcels += [(each.at + DELIVERED_AFTER, f"cdnow-{each.number}") for each in placed]
        deliver([name for at, name in self.parcels if since < at <= self.now], now=self.now)
        for number in range(self._times(CARTS, "cart")):
            fill_cart(self._somebody("cart", number), self._name("cart", number), now=self.now)
        for number in range(self._times(VIEWS, "view")):
            product = whole(COUNT, "product", self.now, number)
            look_at(self._somebody("view", number), product, now=self.now)
        for number in range(self._times(SIGN_UPS, "sign-up")):
            self._sign_up(f"{self._name('fan', number)}")
        if self.now.hour == CAMPAIGN_HOUR and since.hour != CAMPAIGN_HOUR:
            self._campaign()
        read_mail(since, self.now)
        answer(since, self.now)

    def _times(self, a_day: int, what: str) -> int:
        """How often something that happens so often a day happens in this half hour of the day."""
        if not 8 <= self.now.hour < 22:
            return 0
        share = a_day / 28
        return int(share) + (fraction(what, self.now) < share % 1)

    def _somebody(self, what: str, number: int) -> int:
        return self.customers[whole(len(self.customers), what, "who", self.now, number)]

    def _name(self, what: str, number: int) -> str:
        return f"{what}-{self.now:%y%m%d%H%M}-{number}"

    def _sign_up(self, name: str) -> None:
        """A stranger signs up and confirms; most put something into a cart at once."""
        number = 1_000_000 + whole(1_000_000, name)
        row = row_of(number)
        contact = upsert_contacts(rows=[row], source="form", now=self.now)[0].contact_id
        if contact:
            record_consent(
                contact_ids=[contact],
                action="subscribed",
                source="form",
                wording=ConsentWording.objects.order_by("-number").first(),
                now=self.now,
            )
        if fraction("first cart", name) < FIRST_CARTS:
            fill_cart(number, f"cart-{name}", now=self.now)

    def _campaign(self) -> None:
        """Every other day a letter to the club, of which some never open one."""
        if (self.until - self.now) // timedelta(days=1) % CAMPAIGN_EVERY.days:
            return
        shelf = SHELVES[self.now.toordinal() // CAMPAIGN_EVERY.days % len(SHELVES)]
        letter = TemplateDraft(
            name=f"Record club {self.now:%d %b}",
            subject=f"New on the {shelf} shelf",
            body=[
                heading(f"{shelf}, new in"),
                text(f"Fresh from the van on {self.now:%d %B}, members first."),
                part("products", list="popular"),
                footer("You get this because you are in the record club."),
            ],
        )
        template = save_template(draft=letter, now=self.now)
        draft = CampaignDraft(
            name=f"Record club {self.now:%d %b}",
            template_id=template.pk,
            audience_kind="tag",
            tag=CLUB,
        )
        campaign = save_campaign(draft=draft, now=self.now)
        launch_campaign(campaign_id=campaign.pk, now=self.now)
