"""Whom a campaign is for, and what stands between each of them and the mail, in one statement.

`standing` is "" for those who will get it, else the code the send policy would skip or hold with.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Message, Template
from contacts.models import Contact, Suppression
from contacts.models.contact import ContactQuerySet
from contacts.segments import describe, in_segment, scope_at
from tenants.context import current_workspace

Tree = Mapping[str, Any]
SUBSCRIBERS: dict[str, Any] = {"kind": "consent", "config": {"state": "subscribed"}}
WILL_GET = ""
# In the order they are asked; the codes are those of the guards, so that figures before and after
# the start speak of the same thing. The last holds a message back, the others skip it.
STANDINGS: dict[str, str | Promise] = {
    WILL_GET: gettext_lazy("Will get it"),
    "no_address": gettext_lazy("No address"),
    "suppressed": gettext_lazy("Address blocked"),
    "no_consent": gettext_lazy("No consent"),
    "same_content": gettext_lazy("Had this mail before"),
    "frequency_cap": gettext_lazy("Had enough mail for now; it waits"),
}


def tree_of(
    kind: str, *, tag: str = "", segment: str = "", tree: Tree | None = None
) -> dict[str, Any]:
    """The condition tree behind a choice."""
    if kind == Campaign.Audience.EVERYONE:
        return dict(SUBSCRIBERS)
    if kind == Campaign.Audience.TAG:
        return {"kind": "tag", "config": {"test": "has", "tag": tag}}
    if kind == Campaign.Audience.SEGMENT:
        return {"kind": "in_segment", "config": {"segment": segment}}
    return dict(tree or {})


def audience_words(campaign: Campaign) -> str:
    """Whom it is for, in words."""
    if campaign.audience_kind == Campaign.Audience.EVERYONE:
        return _("All subscribers")
    return describe(campaign.audience)


def audience_of(campaign: Campaign, now: datetime) -> ContactQuerySet:
    """Those it is for as of the start, or as of now for one that has not started.

    Nobody who was added later belongs to it.
    """
    moment = campaign.started_at or now
    return in_segment(campaign.audience, scope_at(moment)).filter(created_at__lte=moment)


def with_standing(contacts: ContactQuerySet) -> ContactQuerySet:
    """Each with what makes the mail impossible, "" for nothing: asked when messages are written."""
    return contacts.annotate(standing=Case(*_impossible(), default=Value(WILL_GET)))


def with_outlook(contacts: ContactQuerySet, template: Template, now: datetime) -> ContactQuerySet:
    """Each with what the send policy would say if the mail left now."""
    workspace = current_workspace("An audience")
    since = now - timedelta(days=workspace.cap_days)
    sent = Message.objects.filter(lane__gt=Message.Lane.TRANSACTIONAL, sent_at__isnull=False)
    had = sent.filter(template_version__content=_content_of(template), contact__isnull=False)
    had = had.exclude(status=Message.Status.BOUNCED)
    full = (
        sent.filter(sent_at__gt=since, contact__isnull=False)
        .order_by()
        .values("contact_id")
        .annotate(times=Count("pk"))
        .filter(times__gte=workspace.cap_messages)
    )
    return contacts.annotate(
        standing=Case(
            *_impossible(),
            When(
                pk__in=had.exclude(status="bounced").values("contact_id"),
                then=Value("same_content"),
            ),
            When(pk__in=full.values("contact_id"), then=Value("frequency_cap")),
            default=Value(WILL_GET),
        )
    )


def _impossible() -> list[When]:
    blocked = Suppression.objects.filter(channel="email").values("value")
    return [
        When(Q(email__isnull=True), then=Value("no_address")),
        When(email__in=blocked, then=Value("suppressed")),
        When(~Q(email_consent=Contact.Consent.SUBSCRIBED), then=Value("no_consent")),
    ]


def _content_of(template: Template) -> str:
    return template.live_version.content if template.live_version else ""


def head_counts(campaign: Campaign, now: datetime) -> dict[str, int]:
    """How many of the audience have each standing, every standing named; one statement."""
    judged: QuerySet[Any] = with_outlook(audience_of(campaign, now), campaign.template, now)
    rows = judged.order_by().values_list("standing").annotate(Count("pk"))
    return {**dict.fromkeys(STANDINGS, 0), **dict(rows)}


def people_standing(campaign: Campaign, standing: str | None, now: datetime) -> QuerySet[Any]:
    """The people behind one of those counts, or all of them for None; each with `standing`."""
    judged: QuerySet[Any] = with_outlook(audience_of(campaign, now), campaign.template, now)
    return judged if standing is None else judged.filter(standing=standing)
