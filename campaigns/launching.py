"""A campaign's life: written, started or scheduled, paused, resumed, cancelled, done.

Every step locks the campaign's row and looks at its state under the lock, so that of two people
who press at once one does it and the other is told. What follows for its messages is in
`row_moves.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns import row_moves
from campaigns.audience import head_counts, tree_of
from campaigns.models import Campaign, Message, Template
from campaigns.preflight import checks_before_sending, problems_of
from contacts.lane import wake_bulk_lane
from contacts.segments import clean_tree
from core.errors import Invalid, Problem
from tenants import agenda
from tenants.models import Agenda, User

Status = Campaign.Status
# How far ahead a campaign may be scheduled.
FARTHEST = timedelta(days=731)


@dataclass(frozen=True)
class CampaignDraft:
    """What an owner decides; `tag`, `segment` and `tree` each go with their kind of audience."""

    name: str
    template_id: UUID
    audience_kind: str = Campaign.Audience.EVERYONE
    tag: str = ""
    segment: str = ""
    tree: dict[str, Any] = field(default_factory=dict)
    send_at: datetime | None = None
    send_zone: str = "UTC"


class WrongState(Invalid):
    """The campaign is not in a state in which this can be done."""

    def __init__(self, campaign: Campaign) -> None:
        words = _("This campaign is “%(status)s” now, so this cannot be done.")
        super().__init__("wrong_state", words % {"status": campaign.get_status_display()})


@transaction.atomic
def save_campaign(
    *, draft: CampaignDraft, now: datetime, campaign_id: UUID | None = None, by: User | None = None
) -> Campaign:
    """Write a new draft, or a draft anew; raises Invalid with every problem, nothing saved then."""
    wanted = tree_of(draft.audience_kind, tag=draft.tag, segment=draft.segment, tree=draft.tree)
    tree, problems = clean_tree(wanted)
    if not Template.objects.filter(pk=draft.template_id).exists():
        words = _("There is no template with this id.")
        problems.append(Problem("template_not_found", words, "template_id"))
    if not draft.name.strip():
        problems.append(Problem("required", _("Give it a name."), "name"))
    if draft.send_at and not now < draft.send_at <= now + FARTHEST:
        words = _("Choose a time ahead, within two years from now.")
        problems.append(Problem("bad_timestamp", words, "send_at"))
    if problems:
        raise Invalid(problems[0].code, str(problems[0].message), problems)
    if campaign_id is None:
        campaign = Campaign(created_at=now)
        if by is not None:
            campaign.created_by_id, campaign.created_by_name = by.pk, by.get_full_name()
    else:
        campaign = _locked(campaign_id, {Status.DRAFT})
    campaign.name, campaign.template_id = draft.name.strip()[:120], draft.template_id
    campaign.audience_kind, campaign.audience = draft.audience_kind, tree
    campaign.send_at, campaign.send_zone = draft.send_at, draft.send_zone
    campaign.updated_at = now
    campaign.save()
    return campaign


@transaction.atomic
def duplicate_campaign(*, campaign_id: UUID, now: datetime, by: User | None = None) -> Campaign:
    """A draft with the same mail and audience, to be sent at another time."""
    source = Campaign.objects.get(pk=campaign_id)
    return Campaign.objects.create(
        name=_("%(name)s (copy)") % {"name": source.name[:100]},
        template_id=source.template_id,
        audience_kind=source.audience_kind,
        audience=source.audience,
        send_zone=source.send_zone,
        created_by_id=by.pk if by else None,
        created_by_name=by.get_full_name() if by else "",
        created_at=now,
        updated_at=now,
    )


@transaction.atomic
def delete_campaign(*, campaign_id: UUID) -> None:
    """Throw a draft away; what was once started stays on record."""
    _locked(campaign_id, {Status.DRAFT}).delete()


@transaction.atomic
def launch_campaign(*, campaign_id: UUID, now: datetime) -> Campaign:
    """Start it, or schedule it where it has a time; raises Invalid with what stands against it."""
    campaign = _locked(campaign_id, {Status.DRAFT})
    problems = problems_of(checks_before_sending(campaign, head_counts(campaign, now), now))
    if problems:
        raise Invalid("not_ready", _("Something is missing before this can be sent."), problems)
    campaign.updated_at = now
    if campaign.send_at:
        campaign.status = Status.SCHEDULED
        campaign.save(update_fields=["status", "updated_at"])
        agenda.lower(lane=Agenda.Lane.SENDING, due_at=campaign.send_at, now=now)
        return campaign
    campaign.status, campaign.started_at = Status.QUEUEING, now
    campaign.template_version_id = campaign.template.live_version_id
    campaign.save(update_fields=["status", "started_at", "template_version", "updated_at"])
    wake_bulk_lane(now=now)
    return campaign


@transaction.atomic
def start_due(*, now: datetime) -> int:
    """Start the scheduled campaigns whose time has come; how many there were."""
    due = Campaign.objects.filter(status=Status.SCHEDULED, send_at__lte=now)
    live = Template.objects.filter(pk=OuterRef("template_id")).values("live_version_id")
    started = due.update(
        status=Status.QUEUEING, started_at=now, template_version_id=Subquery(live), updated_at=now
    )
    if started:
        wake_bulk_lane(now=now)
    return started


@transaction.atomic
def unschedule_campaign(*, campaign_id: UUID, now: datetime) -> Campaign:
    """Make it a draft again before its time comes."""
    campaign = _locked(campaign_id, {Status.SCHEDULED})
    campaign.status, campaign.updated_at = Status.DRAFT, now
    campaign.save(update_fields=["status", "updated_at"])
    return campaign


@transaction.atomic
def pause_campaign(*, campaign_id: UUID, now: datetime) -> int:
    """Leave everything that has not left where it is; how many messages wait."""
    campaign = _locked(campaign_id, {Status.QUEUEING, Status.SENDING})
    return _move(campaign, Status.PAUSED, now)


@transaction.atomic
def resume_campaign(*, campaign_id: UUID, now: datetime) -> int:
    """Go on with exactly the rest; how many messages that is so far."""
    campaign = _locked(campaign_id, {Status.PAUSED})
    number = _move(campaign, Status.SENDING if campaign.queued_at else Status.QUEUEING, now)
    wake_bulk_lane(now=now)
    return number


@transaction.atomic
def cancel_campaign(*, campaign_id: UUID, now: datetime) -> int:
    """Stop it for good; how many messages are not sent any more, each with that reason."""
    stoppable = {Status.SCHEDULED, Status.QUEUEING, Status.SENDING, Status.PAUSED}
    campaign = _locked(campaign_id, stoppable)
    campaign.finished_at = now
    return _move(campaign, Status.CANCELLED, now)


FINISH = f"""
    UPDATE {Campaign._meta.db_table} AS campaign SET status = 'sent', finished_at = %(now)s
     WHERE status = 'sending'
       AND NOT EXISTS (SELECT 1 FROM {Message._meta.db_table} AS message
                        WHERE message.campaign_id = campaign.id
                          AND message.status = ANY(%(moving)s))"""


def finish_sent(*, now: datetime) -> int:
    """Close the campaigns that have nothing left to send; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(FINISH, {"now": now, "moving": [*row_moves.STOPPED, "calling"]})
        return int(cursor.rowcount)


def _move(campaign: Campaign, status: str, now: datetime) -> int:
    """Give it the state and its rows what follows from it; how many rows that concerns."""
    number = row_moves.unsent(campaign)
    campaign.status, campaign.updated_at = status, now
    campaign.save(update_fields=["status", "finished_at", "updated_at"])
    row_moves.move_rows(campaign, now)
    return number


def _locked(campaign_id: UUID, allowed: Collection[str]) -> Campaign:
    """The campaign under lock; raises WrongState unless it is in one of these states."""
    campaign = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("template__live_version")
        .get(pk=campaign_id)
    )
    if campaign.status not in allowed:
        raise WrongState(campaign)
    return campaign
