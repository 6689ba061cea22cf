"""A row of every kind in a workspace, with a word of its own in each, and a picture of all rows.

What a route of one workspace may never show or change in another.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from campaigns.models import Campaign, Message, ProviderAccount
from campaigns.services import TemplateDraft, save_template
from campaigns.tokens import make_message_token
from capture.models import SignupForm, Submission
from contacts.links import make_contact_token
from contacts.models import (
    BulkAction,
    ConsentEntry,
    ConsentWording,
    Contact,
    ContactExport,
    ContactField,
    ContactImport,
    ContactTag,
    Identity,
    ImportProblem,
    Note,
    Segment,
    Suppression,
    Tag,
    Task,
    Ticket,
)
from core.secrets import new_token, token_hash
from events.models import Event, InboundDelivery
from insights.models import Attribution, AttributionWindow
from journeys.drafts import operate
from journeys.models import (
    Enrolment,
    PlannedPublishing,
    Replay,
    SplitDecision,
    StepVisit,
    VersionMove,
)
from journeys.services import create_journey, publish_journey
from surveys.links import make_token
from surveys.models import Answer, Invitation, Question, Review, ReviewRequest, Survey
from tenants.api_keys import create_api_key
from tenants.audit import record_audit
from tenants.hand_over import issue_hand_over
from tenants.models import Membership, User
from tenants.scopes import SCOPES
from tests.architecture.shop_belongings import shop

Belongings = dict[str, Any]


def furnish(workspace: Any, *, word: str, now: datetime) -> Belongings:
    """Rows of every kind with `word` in what only members may read; how to name each in a URL."""
    with tenant_context(workspace):
        return {
            "slug": workspace.slug,
            **_shared(workspace, word, now),
            **(people := _people(word, now)),
            **_transfers(word, now),
            **_form(people["contact"], word, now),
            **(mail := _mail(people["contact"], word, now)),
            **_journey(people["contact"], mail["template"], word, now),
            **(sold := shop(people["contact"], word, now)),
            **_earned(people["contact"], mail["message"], sold["order"], now),
            **_survey(people["contact"], word, now),
        }


def _shared(workspace: Any, word: str, now: datetime) -> Belongings:
    owner = workspace.memberships.get(role="owner").user
    User.objects.filter(pk=owner.pk).update(name=f"{word} Owner")
    viewer = User.objects.create_user(
        f"{word}-viewer@{workspace.slug}.example", "correct horse battery", name=f"{word} Viewer"
    )
    membership = Membership.objects.create(user=viewer, workspace=workspace, role="viewer")
    key, secret = create_api_key(
        workspace=workspace, name=f"{word} Shop", scopes=list(SCOPES), by=owner, now=now
    )
    record_audit(action="test.made", workspace=workspace, actor_label=word, target=word, now=now)
    ticket = issue_hand_over(user=owner, workspace=workspace, path="/", session_key="", now=now)
    return {
        "owner": owner,
        "viewer": viewer,
        "user": owner.pk,
        "membership": membership.pk,
        "api_key": key.pk,
        "secret": secret,
        "ticket": ticket,
    }


def _people(word: str, now: datetime) -> Belongings:
    contact = Contact.objects.create(
        email=f"{word}@example.com", first_name=word, email_consent="subscribed", created_at=now
    )
    tag = Tag.objects.create(name=f"{word} friends")
    wording = ConsentWording.objects.create(key=word[:60], text=f"{word} agreed", number=1)
    Identity.objects.create(contact=contact, kind="email", value=f"{word}@example.com")
    ContactTag.objects.create(contact=contact, tag=tag)
    ContactField.objects.create(key="secret-field", label=f"{word} field")
    Note.objects.create(contact=contact, author_name="Owner", text=f"{word} note")
    ConsentEntry.objects.create(
        contact_id=contact.pk, action="subscribed", source=word, wording=wording, occurred_at=now
    )
    Suppression.objects.create(value=f"{word}-bounced@example.com", reason="bounced")
    segment = Segment.objects.create(
        name=f"{word} segment", tree={"kind": "tag", "config": {"test": "has", "tag": tag.name}}
    )
    task = Task.objects.create(contact=contact, title=f"{word} task", note=f"{word} note")
    Ticket.objects.create(
        source="api", external_id=word, contact=contact, subject=f"{word} ticket", opened_at=now,
        created_at=now,
    )  # fmt: skip
    BulkAction.objects.create(action="add_tag", tag=tag.name, finished_at=now)
    event = Event.objects.create(
        source="api", message_id=word, type="order_placed", contact_id=contact.pk,
        data={"note": word}, occurred_at=now, state=Event.State.FAILED, error=f"{word} failed",
    )  # fmt: skip
    InboundDelivery.objects.create(
        kind="provider", door=word, delivery_id=word, body=word.encode(), received_at=now,
        state="failed", error=f"{word} failed", due_at=now + timedelta(days=90),
    )  # fmt: skip
    return {
        "contact": contact.pk,
        "tag": tag.name,
        "segment": segment.pk,
        "task": task.pk,
        "event": event.pk,
        "contact_token": make_contact_token(contact.pk),
    }


def _transfers(word: str, now: datetime) -> Belongings:
    job = ContactImport(file_name=f"{word}.csv", status="done", created_at=now, finished_at=now)
    job.file.save(f"{word}.csv", ContentFile(f"email\n{word}@example.com\n".encode()))
    ImportProblem.objects.create(
        job=job, line=2, code="bad_address", message=f"{word} is wrong", row=[word]
    )
    export = ContactExport(status="done", created_at=now, finished_at=now, rows=1)
    export.file.save(f"{word}.csv", ContentFile(f"email\n{word}@example.com\n".encode()))
    return {"import": job.pk, "export": export.pk, "export_path": export.file.name}


def _earned(contact: uuid.UUID, message: Any, order: uuid.UUID, now: datetime) -> Belongings:
    AttributionWindow.objects.update_or_create(pk=1)
    Attribution.objects.create(
        order_id=order, contact_id=contact, message_id=message, clicked_at=now
    )
    return {}


def _form(contact: uuid.UUID, word: str, now: datetime) -> Belongings:
    wording = ConsentWording.objects.create(key="form", text="Yes, write to me.", number=1)
    # The title is what everyone may read; name and tags are the owner's alone.
    form = SignupForm.objects.create(
        slug="join", name=f"{word} form", title="Join us", button="Join", wording=wording,
        tags=[f"{word} tag"],
    )  # fmt: skip
    token = new_token()
    Submission.objects.create(
        form=form, contact_id=contact, wording=wording, token_hash=token_hash(token),
        data={"first_name": word}, submitted_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip
    return {"form": form.pk, "form_slug": form.slug, "confirm_token": token}


def _mail(contact: uuid.UUID, word: str, now: datetime) -> Belongings:
    body = [
        {"kind": "text", "settings": {"html": f"<p>{word} text</p>"}},
        {"kind": "button", "settings": {"label": "Shop", "href": f"https://example.com/{word}"}},
        {"kind": "footer", "settings": {}},
    ]
    template = save_template(
        draft=TemplateDraft(name=f"{word} mail", subject=f"{word} subject", body=body), now=now
    )
    account = ProviderAccount.objects.create(
        kind="smtp", label=f"{word} account", credentials={"password": word}
    )
    reporter = ProviderAccount.objects.create(
        kind="postmark", label=f"{word} reporter", credentials={"server_token": word}
    )
    message = Message.objects.create(
        send_key=f"test:{word}", contact_id=contact, to_address=f"{word}@example.com",
        template_version=template.live_version, account=account, status="in_doubt",
        reason_text=f"{word} reason", destinations=[f"https://example.com/{word}"],
        context={"note": word}, queued_at=now,
    )  # fmt: skip
    campaign = Campaign.objects.create(
        name=f"{word} campaign", template=template, created_by_name=f"{word} Owner"
    )
    return {
        "campaign": campaign.pk,
        "template": template.pk,
        "account": account.pk,
        "reporter": reporter.pk,
        "feedback_token": reporter.feedback_token,
        "message": message.pk,
        "message_token": make_message_token(message.pk),
    }


def _journey(contact: uuid.UUID, template: uuid.UUID, word: str, now: datetime) -> Belongings:
    journey = create_journey(
        name=f"{word} journey",
        definition={
            "entries": [{"kind": "manual", "config": {}}],
            "goal": None,
            "exits": [],
            "settings": {},
            "steps": [
                {"id": "aa", "kind": "wait", "config": {"amount": 2, "unit": "days"}},
                {"id": "bb", "kind": "add_tag", "config": {"tag": f"{word} friends"}},
            ],
        },
        now=now,
    )
    publish_journey(journey=journey, now=now)
    operate(
        journey=journey, op="describe", given={"step": "aa", "note": word}, revision=None, now=now
    )
    run = Enrolment.objects.create(
        journey=journey, version=journey.live_version, contact_id=contact, step_id="bb",
        entered_step_at=now, started_at=now, due_at=now, visit=1, context={"note": word},
    )  # fmt: skip
    StepVisit.objects.create(
        enrolment=run, journey_id=journey.pk, version_id=run.version_id, step_id="aa", visit=0,
        outcome="done", reason=word, entered_at=now, left_at=now,
    )  # fmt: skip
    SplitDecision.objects.create(
        journey=journey, step_id="aa", digest="one", lane=0, decided_at=now,
        decided_by_name=f"{word} Owner",
    )  # fmt: skip
    replay = Replay.objects.create(
        journey=journey, definition=journey.draft, draft_revision=0, days=30, asked_at=now,
        asked_by_name=word, status="done", error=word,
        result={"draft": {"people": {"started": 1}, "week": {"most": 1, "contact": contact.hex}}},
        samples={"draft": {"started": [contact.hex]}},
    )  # fmt: skip
    VersionMove.objects.create(
        journey=journey,
        version=journey.live_version,
        begun_at=now,
        finished_at=now,
    )
    PlannedPublishing.objects.create(
        journey=journey, at=now, definition=journey.draft, by_name=word, refusal=word,
    )  # fmt: skip
    return {"journey": journey.pk, "run": run.pk, "replay": replay.pk}


def _survey(contact: uuid.UUID, word: str, now: datetime) -> Belongings:
    # Title and question are what everyone with the link may read; the rest is the owner's.
    survey = Survey.objects.create(key=f"s-{word}"[:60], name=f"{word} survey", title="How was it?")
    question = Question.objects.create(survey=survey, kind="text", text="Why?")
    asked = Invitation.objects.create(survey=survey, contact_id=contact, asked_at=now)
    Answer.objects.create(
        invitation=asked, survey=survey, question=question, contact_id=contact, text=f"{word} said",
    )  # fmt: skip
    line, product = uuid.uuid4(), uuid.uuid4()
    items = [{"line_id": str(line), "product_id": str(product), "name": "Bread"}]
    request = ReviewRequest.objects.create(contact_id=contact, items=items, asked_at=now)
    review = Review(
        contact_id=contact, request=request, line_id=line, product_id=product, stars=4,
        product_name=f"{word} bread", text=f"{word} review",
    )  # fmt: skip
    review.photo.save(f"{word}.jpg", ContentFile(word.encode()))
    return {
        "survey": survey.pk,
        "survey_token": make_token("survey", asked.pk),
        "review_token": make_token("review", request.pk),
        "review_line": line,
        "reviewed_product": str(product),
        "review": review.pk,
    }


def picture(workspace: Any) -> dict[str, str]:
    """A checksum of each table of a workspace, and of its rows among the shared ones."""
    schema = workspace.schema_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        wanted = {f'"{schema}"."{name}"': "true" for (name,) in cursor.fetchall()}
        wanted |= {
            "public.tenants_workspace": f"id = '{workspace.pk}'",
            "public.tenants_user": "id IN (SELECT user_id FROM public.tenants_membership"
            f" WHERE workspace_id = '{workspace.pk}')",
        }
        for name in ("membership", "apikey", "agenda", "handover"):
            wanted[f"public.tenants_{name}"] = f"workspace_id = '{workspace.pk}'"
        wanted["public.tenants_auditentry"] = f"workspace_id = '{workspace.pk}'"
        wanted["public.tenants_domain"] = f"tenant_id = '{workspace.pk}'"
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                f" FROM {table} t WHERE {rows}"
                for table, rows in wanted.items()
            ).replace("%", "%%")
        )
        return dict(cursor.fetchall())


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
