"""Making journeys, publishing versions, pausing, resuming, archiving."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.errors import Invalid, Problem
from journeys.contracts import Config, recipes
from journeys.definition import (
    Definition,
    as_json,
    compile_definition,
    diff,
    listened_events,
    parse,
)
from journeys.draft_log import Author
from journeys.drafts import locked, replace_draft
from journeys.enrolment import take_out
from journeys.live_entries import rewrite_entries, skip_pause
from journeys.live_periods import begin_live, end_live
from journeys.models import (
    Enrolment,
    Journey,
    JourneyVersion,
    LiveEntry,
    PlannedPublishing,
)
from journeys.moving import Moving, start_move
from journeys.pantry import Pantry
from journeys.programs import programs
from journeys.split_trials import trials_of
from journeys.validation import normalised, validate
from tenants import agenda
from tenants.context import current_workspace
from tenants.daily import wake_daily
from tenants.models import Agenda, User

EMPTY: Config = {"entries": [], "goal": None, "exits": [], "settings": {}, "steps": []}


def create_journey(
    *, name: str, now: datetime, definition: Config | None = None, recipe: str = ""
) -> Journey:
    """A new draft; raises Invalid for a blank name or a misshapen definition."""
    draft = as_json(parse(EMPTY if definition is None else definition))
    return Journey.objects.create(
        name=_clean_name(name), draft=draft, recipe=recipe, created_at=now, updated_at=now
    )


def create_from_recipe(*, key: str, language: str, now: datetime) -> Journey:
    """A draft built by a recipe, with the templates it needs; raises Invalid `unknown_recipe`."""
    if key not in recipes:
        raise Invalid("unknown_recipe", _("There is no recipe “%(key)s”.") % {"key": key})
    recipe = recipes.get(key)
    workspace = current_workspace("A recipe")
    with transaction.atomic(), override(language):
        definition = recipe.build(Pantry(workspace=workspace, language=language, now=now))
        name = str(recipe.name)
        journey = create_journey(name=name, definition=definition, recipe=key, now=now)
        journey.description = str(recipe.description)[:300]
        journey.save(update_fields=["description"])
    return journey


def rename_journey(*, journey: Journey, name: str, now: datetime, description: str = "") -> None:
    """Give a journey another name and description; raises Invalid for a blank name."""
    journey.name, journey.description = _clean_name(name), description.strip()[:300]
    journey.updated_at = now
    journey.save(update_fields=["name", "description", "updated_at"])


def _clean_name(name: str) -> str:
    name = name.replace("\x00", "").strip()
    if not 1 <= len(name) <= 120:
        problem = Problem("bad_name", _("Give the journey a name of 1 to 120 characters."), "name")
        raise Invalid(problem.code, problem.message, [problem])
    return name


def save_draft(
    *,
    journey: Journey,
    definition: Any,
    now: datetime,
    revision: int | None = None,
    by: User | None = None,
) -> int:
    """Keep a draft, complete or not, and return its revision; the change can be undone.

    Raises Invalid when it is misshapen, or `draft_changed` when `revision` is not the newest.
    """
    author = Author.of(by) if by else None
    return replace_draft(
        journey=journey, definition=definition, revision=revision, by=author, now=now
    )


def draft_problems(journey: Journey) -> list[Problem]:
    """What stands against publishing the draft, in words; empty when nothing does."""
    try:
        return validate(parse(journey.draft))
    except Invalid as refusal:
        return refusal.problems


@dataclass(frozen=True)
class Publisher:
    """Who publishes, as the version remembers them."""

    id: UUID | None = None
    name: str = ""

    @classmethod
    def of(cls, by: User | None) -> "Publisher":
        return cls(by.pk, by.get_full_name()[:120]) if by else cls()


def publish_journey(
    *,
    journey: Journey,
    now: datetime,
    by: User | Publisher | None = None,
    moving: Moving | None = None,
    revision: int | None = None,
    planned: PlannedPublishing | None = None,
) -> JourneyVersion:
    """Freeze the draft as the next version and let people in by it; paused ones go live.

    People inside stay on their version unless `moving` says how they come to this one. Raises
    Invalid with all problems, or `draft_changed` when `revision` is not the newest; then nothing
    changed. An unchanged draft gives the live version again. The draft becomes what was published.

    `planned` publishes the draft of then instead, and leaves a paused journey paused. Publishing
    by hand cancels it.
    """
    publisher = by if isinstance(by, Publisher) else Publisher.of(by)
    with transaction.atomic():
        row = locked(journey.pk, revision, reader=publisher.id, now=now)
        draft = planned.definition if planned else row.draft
        definition = publishable(draft)
        version = _unchanged(row, definition) or _freeze(row, definition, publisher, now)
        was_paused = row.status == Journey.Status.PAUSED
        stays_paused = was_paused and planned is not None
        row.status = Journey.Status.PAUSED if stays_paused else Journey.Status.LIVE
        row.live_version, row.updated_at = version, now
        if row.draft == draft:
            row.draft = as_json(definition)
        row.save(update_fields=["status", "live_version", "draft", "updated_at"])
        _open(row, version, definition, now)
        if moving is not None:
            start_move(version=version, moving=moving, now=now)
        PlannedPublishing.objects.filter(journey=row).delete()
        if was_paused and not stays_paused:
            _let_go(row, now)
    journey.refresh_from_db()
    return version


def publishable(draft: Config) -> Definition:
    """The draft as it would be frozen; raises Invalid `cannot_publish` with all problems."""
    definition = parse(draft)
    if problems := validate(definition):
        raise Invalid("cannot_publish", problems[0].message, problems)
    return normalised(definition)


def _open(journey: Journey, version: JourneyVersion, definition: Definition, now: datetime) -> None:
    """Let people in by the version, once the journey runs."""
    if journey.status == Journey.Status.LIVE:
        begin_live(journey, now=now)
    rewrite_entries(journey, version, definition, now=now)
    if any(trials_of(programs([version.pk])[version.pk])):
        wake_daily(now=now)


def _unchanged(journey: Journey, definition: Definition) -> JourneyVersion | None:
    live = journey.live_version
    return live if live and not diff(parse(live.definition), definition) else None


def _freeze(
    journey: Journey, definition: Definition, by: Publisher, now: datetime
) -> JourneyVersion:
    newest = journey.versions.aggregate(number=Max("number"))["number"] or 0
    return JourneyVersion.objects.create(
        journey=journey,
        number=newest + 1,
        definition=as_json(definition),
        compiled=compile_definition(definition),
        listens=listened_events(definition),
        published_at=now,
        published_by_id=by.id,
        published_by_name=by.name,
    )


def pause_journey(*, journey: Journey, now: datetime) -> int:
    """Hold everyone in place and let nobody in; how many are held. Goals and exits still act.

    Raises Invalid `not_live` for a journey that is not running.
    """
    with transaction.atomic():
        row = Journey.objects.select_for_update().get(pk=journey.pk)
        if row.status != Journey.Status.LIVE:
            raise Invalid("not_live", _("Only a running journey can be paused."))
        row.status, row.updated_at = Journey.Status.PAUSED, now
        row.save(update_fields=["status", "updated_at"])
        end_live(row, now=now)
        # After the journey's row: whoever lets people in holds it until their rows are visible.
        held = row.enrolments.active().update(status=Enrolment.Status.HELD)
    journey.refresh_from_db()
    return held


def resume_journey(*, journey: Journey, now: datetime) -> int:
    """Let everyone go on where they were held; how many. What fell due meanwhile runs once, now."""
    with transaction.atomic():
        row = Journey.objects.select_for_update().get(pk=journey.pk)
        if row.status != Journey.Status.PAUSED:
            raise Invalid("not_paused", _("Only a paused journey can be resumed."))
        row.status, row.updated_at = Journey.Status.LIVE, now
        row.save(update_fields=["status", "updated_at"])
        begin_live(row, now=now)
        freed = _let_go(row, now)
    journey.refresh_from_db()
    return freed


def _let_go(journey: Journey, now: datetime) -> int:
    skip_pause(journey, now=now)
    freed = journey.enrolments.filter(status=Enrolment.Status.HELD).update(
        status=Enrolment.Status.ACTIVE
    )
    if freed:
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)
    return freed


def archive_journey(*, journey: Journey, now: datetime) -> int:
    """End the journey for everyone inside and put it away; how many were taken out."""
    with transaction.atomic():
        row = Journey.objects.select_for_update().get(pk=journey.pk)
        row.status, row.updated_at = Journey.Status.ARCHIVED, now
        row.save(update_fields=["status", "updated_at"])
        end_live(row, now=now)
        LiveEntry.objects.filter(journey=row).delete()
        PlannedPublishing.objects.filter(journey=row).delete()
        inside = row.enrolments.filter(status__in=[Enrolment.Status.ACTIVE, Enrolment.Status.HELD])
        taken_out = take_out(inside, reason="archived", now=now)
    journey.refresh_from_db()
    return taken_out


def restore_journey(*, journey: Journey, now: datetime) -> None:
    """Bring an archived journey back as a draft."""
    Journey.objects.filter(pk=journey.pk, status=Journey.Status.ARCHIVED).update(
        status=Journey.Status.DRAFT, updated_at=now
    )
    journey.refresh_from_db()
