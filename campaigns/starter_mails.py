"""Starter mails become templates of a workspace when first needed; then they are its own."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from campaigns.contracts import starters
from campaigns.models import Template
from campaigns.services import TemplateDraft, save_template


def starter_template(*, key: str, language: str, now: datetime) -> Template:
    """The workspace's template of a starter mail in this language, else in English.

    Made when there is none; what the owner made of it since is what they get.
    """
    mails = starters.get(key).mails
    language = language if language in mails else "en"
    mine = Template.objects.filter(starter=key, language=language, live_version__isnull=False)
    found = mine.order_by("created_at").first()
    if found is not None:
        return found
    mail = mails[language]
    draft = TemplateDraft(
        name=mail.name,
        subject=mail.subject,
        preheader=mail.preheader,
        body=list(mail.body),
        language=language,
    )
    with transaction.atomic():
        return save_template(draft=draft, starter=key, now=now)


def starter_version(*, key: str, language: str, now: datetime) -> UUID:
    """The live version of a starter mail, for messages that need no journey."""
    version: UUID | None = starter_template(key=key, language=language, now=now).live_version_id
    assert version  # noqa: S101 - only templates with a version are found or made
    return version
