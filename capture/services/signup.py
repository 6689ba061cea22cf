"""Signing up: a filled-in form becomes a submission that waits to be confirmed, or a subscriber."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from capture.limits import SIGNUPS_OF_ADDRESS_ANYWHERE, SIGNUPS_OF_ADDRESS_HERE, mailbox
from capture.models import SignupForm, Submission
from capture.services.people import fill_blanks, find_or_add_contact
from contacts.consent import record_consent
from contacts.models import ConsentEntry, ConsentWording, Contact, Suppression
from contacts.tags import add_tags
from core import rate_limits
from core.ids import uuid7
from core.secrets import new_token, token_hash
from events.services import record
from tenants.context import current_workspace
from tenants.hosts import workspace_url

# How long the link in the confirmation mail works.
CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Visitor:
    """What a visitor typed, checked, and where from."""

    email: str
    first_name: str = ""
    ip: str | None = None
    user_agent: str = ""


@transaction.atomic
def submit_form(
    *, form: SignupForm, visitor: Visitor, wording: ConsentWording, now: datetime
) -> Submission | None:
    """Ask for a confirmation, or subscribe at once when the form asks for none.

    None when there is nothing to do: subscribed already, blocked, or asked for too often. The
    visitor must not be told which, or a form would tell who reads the newsletter. Nothing typed
    changes a contact that exists: anyone may type anyone's address.
    """
    if _is_subscribed_or_blocked(visitor.email) or not _may_ask(visitor.email, now):
        return None
    contact_id = find_or_add_contact(
        email=visitor.email, language=form.language, source="form", now=now
    )
    token = new_token()
    submission = Submission.objects.create(
        id=uuid7(),
        form=form,
        contact_id=contact_id,
        wording=wording,
        token_hash=token_hash(token),
        ip=visitor.ip,
        user_agent=visitor.user_agent[:200],
        data={"first_name": visitor.first_name} if visitor.first_name else {},
        submitted_at=now,
        expires_at=now + CONFIRM_WITHIN,
    )
    record(
        type="form.submitted",
        contact_id=contact_id,
        data=_form_data(form),
        message_id=f"form.submitted:{submission.id}",
        now=now,
    )
    if form.double_opt_in:
        _ask_to_confirm(submission, token, now)
    else:
        _subscribe(submission, visitor.ip, now)
    return submission


def confirm_submission(*, submission_id: UUID, ip: str | None, now: datetime) -> bool:
    """Subscribe whoever confirms; False when it was confirmed before, or came too late."""
    with transaction.atomic():
        submission = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("form", "wording", "contact")
            .get(pk=submission_id)
        )
        if submission.confirmed_at or submission.expires_at <= now:
            return False
        _subscribe(submission, ip, now)
        record(
            type="form.confirmed",
            contact_id=submission.contact_id,
            data=_form_data(submission.form),
            message_id=f"form.confirmed:{submission.id}",
            now=now,
        )
    return True


def _is_subscribed_or_blocked(email: str) -> bool:
    subscribed = Contact.objects.filter(
        email=email, email_consent=Contact.Consent.SUBSCRIBED
    ).exists()
    # Who was erased may come back by themselves; the consent ledger lifts that fence.
    blocked = Suppression.objects.filter(channel="email", value=email).exclude(
        reason=Suppression.Reason.ERASED
    )
    return subscribed or blocked.exists()


def _may_ask(email: str, now: datetime) -> bool:
    here = f"{current_workspace('A sign-up').schema_name} {email}"
    return rate_limits.take(
        limit=SIGNUPS_OF_ADDRESS_HERE, subject=here, now=now
    ) and rate_limits.take(limit=SIGNUPS_OF_ADDRESS_ANYWHERE, subject=mailbox(email), now=now)


def _ask_to_confirm(submission: Submission, token: str, now: datetime) -> None:
    form = submission.form
    confirm_url = workspace_url(current_workspace("A sign-up"), "capture:confirm", token)
    record_consent(
        contact_ids=[submission.contact_id],
        action=ConsentEntry.Action.REQUESTED,
        source="form",
        wording=submission.wording,
        ip=submission.ip,
        detail=form.name,
        data={**_form_data(form), "confirm_url": confirm_url, "language": form.language},
        now=now,
    )


def _subscribe(submission: Submission, ip: str | None, now: datetime) -> None:
    form = submission.form
    submission.confirmed_at = now
    submission.save(update_fields=["confirmed_at"])
    fill_blanks(
        contact=submission.contact,
        first_name=submission.data.get("first_name", ""),
        language=form.language,
        source="form",
        now=now,
    )
    record_consent(
        contact_ids=[submission.contact_id],
        action=ConsentEntry.Action.SUBSCRIBED,
        source="form",
        wording=submission.wording,
        ip=ip,
        detail=form.name,
        data=_form_data(form),
        now=now,
    )
    add_tags(
        pairs=[(submission.contact_id, tag) for tag in form.tags],
        source="form",
        now=now,
    )


def _form_data(form: SignupForm) -> dict[str, str]:
    return {"form": form.slug, "form_name": form.name}
