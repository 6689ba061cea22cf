"""What the rig asks of the product, in a process of its own: `python -m tests.faults.driver CMD`.

`prepare` builds the database and three workspaces. `queue KEY COUNT [BAD]` queues a message to
each of COUNT new subscribers of Acme, every BAD-th with a mail that cannot be drawn. `leave KEY`
withdraws the consent of the last fifth of them. `campaign KEY COUNT` starts a campaign to COUNT new
contacts, every tenth of whom never agreed; `pause KEY` and `resume KEY` do that to it.
`oversleep KEY COUNT RATE` leaves COUNT people of Initech in a journey whose waits ended over the
last six hours while nobody looked; its mails are too late after three hours, and leave by an
account of RATE a second.
"""

import os
import sys
from datetime import timedelta

import django
from django.core.management import call_command
from django.utils import timezone
from django_tenants.utils import schema_context


def prepare() -> None:
    """Public tables, the template, Acme, Globex and Initech."""
    from tenants.models import User
    from tenants.provisioning import create_workspace
    from tenants.schema import ensure_template

    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    ensure_template()
    owner = User.objects.create_user("owner@acme.example", "correct horse battery", name="Owner")
    for slug in ("acme", "globex", "initech"):
        create_workspace(name=slug.title(), slug=slug, owner=owner, now=timezone.now())


def queue(key: str, count: str, bad: str = "0") -> None:
    """Queue `count` messages under `key`, every `bad`-th one a poisoned mail."""
    from campaigns.messages import NewMessage, queue_messages
    from contacts.models import Contact

    now = timezone.now()
    good = template("Hello", "Dear {{ contact.first_name }}", now)
    poison = template("Poison", "{% if true %}{{ (1..30000000) | join: ',' }}{% endif %}", now)
    people = Contact.objects.bulk_create(
        Contact(
            email=f"{key}-{n:05}@example.com",
            first_name=f"N{n}",
            email_consent="subscribed",
        )
        for n in range(int(count))
    )
    step = int(bad)
    queue_messages(
        messages=[
            NewMessage(
                send_key=f"{key}:{n}",
                contact_id=person.pk,
                template_version_id=poison if step and n % step == 0 else good,
                lane=2,
            )
            for n, person in enumerate(people)
        ],
        now=now,
    )


def template(name: str, html: str, now: object) -> object:
    """The live version of a one-line mail."""
    from campaigns.models import Template
    from campaigns.services import TemplateDraft, save_template

    found = Template.objects.filter(name=name).first()
    if found is None:
        found = save_template(
            draft=TemplateDraft(
                name=name,
                subject=name,
                body=[
                    {"kind": "text", "settings": {"html": f"<p>{html}</p>"}},
                    {"kind": "footer", "settings": {}},
                ],
            ),
            now=now,  # type: ignore[arg-type]
        )
    return found.live_version_id


def leave(key: str) -> None:
    """Withdraw the consent of the last fifth, in one transaction."""
    from contacts.consent import record_consent
    from contacts.models import Contact

    ids = list(
        Contact.objects.filter(email__startswith=f"{key}-")
        .order_by("email")
        .values_list("pk", flat=True)
    )
    record_consent(
        contact_ids=ids[len(ids) * 4 // 5 :],
        action="unsubscribed",
        source="one_click",
        now=timezone.now(),
    )


def campaign(key: str, count: str) -> None:
    """Start a campaign to so many contacts with the tag `key`."""
    from campaigns.launching import CampaignDraft, launch_campaign, save_campaign
    from contacts.models import Contact
    from contacts.tags import add_tag
    from tenants.models import Workspace

    now = timezone.now()
    Workspace.objects.filter(slug="acme").update(postal_address="Via Roma 1, Roma")
    people = Contact.objects.bulk_create(
        Contact(
            email=f"{key}-{n:05}@example.com",
            email_consent="none" if n % 10 == 9 else "subscribed",
            created_at=now,
        )
        for n in range(int(count))
    )
    add_tag(contact_ids=[person.pk for person in people], name=key, now=now)
    from campaigns.models import TemplateVersion

    version = TemplateVersion.objects.get(pk=template("Hello", "Dear {{ contact.email }}", now))
    made = save_campaign(
        draft=CampaignDraft(key, version.template_id, audience_kind="tag", tag=key), now=now
    )
    launch_campaign(campaign_id=made.pk, now=timezone.now())


def pause(key: str) -> None:
    """Pause the campaign of that name."""
    _of_campaign("pause_campaign", key)


def resume(key: str) -> None:
    """Let it go on."""
    _of_campaign("resume_campaign", key)


def _of_campaign(service: str, key: str) -> None:
    from campaigns import launching
    from campaigns.models import Campaign

    found = Campaign.objects.get(name=key)
    getattr(launching, service)(campaign_id=found.pk, now=timezone.now())


def oversleep(key: str, count: str, rate: str) -> None:
    """People whose step fell due evenly over the last six hours."""
    from django.conf import settings
    from django.db import connection

    from campaigns.models import ProviderAccount, Template
    from contacts.models import Contact
    from core.mail_url import parse_mail_url
    from journeys import services
    from journeys.engine import advance
    from journeys.enrolment import enrol
    from journeys.models import Enrolment

    now = timezone.now()
    began = now - timedelta(hours=7)
    ProviderAccount.objects.create(
        kind="smtp",
        label="Slow",
        credentials=parse_mail_url(settings.EMAIL_URL),
        is_default=True,
        rate=float(rate),
        burst=20,
        tokens=20,
        tokens_at=now,
    )
    template("Hello", "Dear {{ contact.first_name }}", now)
    mail = {"template": str(Template.objects.get(name="Hello").pk), "not_after_hours": 3}
    definition = {
        "entries": [{"kind": "manual", "config": {}}],
        "steps": [
            {"id": "wait1", "kind": "wait", "config": {"amount": 1, "unit": "hours"}},
            {"id": "mail1", "kind": "send_email", "config": mail},
        ],
    }
    journey = services.create_journey(name=key, definition=definition, now=began)
    services.publish_journey(journey=journey, now=began)
    people = Contact.objects.bulk_create(
        Contact(email=f"{key}-{n:05}@example.com", email_consent="subscribed")
        for n in range(int(count))
    )
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=began)
    while advance(now=began).claimed:
        pass
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Enrolment._meta.db_table} AS run"
            " SET entered_step_at = spread.at, due_at = spread.at + interval '1 hour'"
            " FROM (SELECT id, %s + interval '6 hours' * (row_number() OVER (ORDER BY id) - 1)"
            f"              / %s AS at FROM {Enrolment._meta.db_table}) AS spread"
            " WHERE spread.id = run.id",
            [began, int(count)],
        )


def main() -> None:
    """Run one command: `prepare` outside, `oversleep` inside Initech, the others inside Acme."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    command, *arguments = sys.argv[1:]
    if command == "prepare":
        prepare()
        return
    with schema_context("w_initech" if command == "oversleep" else "w_acme"):
        from django.db import transaction

        with transaction.atomic():
            commands = {
                "queue": queue, "leave": leave, "campaign": campaign, "pause": pause,
                "resume": resume, "oversleep": oversleep,
            }  # fmt: skip
            commands[command](*arguments)


if __name__ == "__main__":
    main()
