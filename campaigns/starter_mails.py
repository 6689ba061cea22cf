"""Mails every workspace starts with: made from their drafts when first needed, then its own."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from campaigns.models import Template
from campaigns.services import TemplateDraft, save_template

DRAFTS: dict[tuple[str, str], TemplateDraft] = {
    ("confirm", "en"): TemplateDraft(
        name="Please confirm",
        subject="Please confirm that it was you",
        preheader="One click, and you are in.",
        body=[
            {"kind": "heading", "settings": {"text": "Was it you?", "level": "1"}},
            {
                "kind": "text",
                "settings": {
                    "html": "<p>Somebody asked {{ business.name }} to write to this address."
                    " If it was you, confirm it. If not, do nothing: you will hear no more.</p>"
                },
            },
            {
                "kind": "button",
                "settings": {"label": "Yes, it was me", "href": "{{ confirm_url }}"},
            },
            {"kind": "footer", "settings": {}},
        ],
        language="en",
    ),
    ("confirm", "it"): TemplateDraft(
        name="Conferma",
        subject="Conferma che sei stato tu",
        preheader="Un clic e ci sei.",
        body=[
            {"kind": "heading", "settings": {"text": "Sei stato tu?", "level": "1"}},
            {
                "kind": "text",
                "settings": {
                    "html": "<p>Qualcuno ha chiesto a {{ business.name }} di scrivere a questo"
                    " indirizzo. Se sei stato tu, conferma. Altrimenti non fare nulla.</p>"
                },
            },
            {"kind": "button", "settings": {"label": "Sì, sono io", "href": "{{ confirm_url }}"}},
            {"kind": "footer", "settings": {}},
        ],
        language="it",
    ),
}


def starter_version(*, key: str, language: str, now: datetime) -> UUID:
    """The live version of a starter mail in this language, else in English."""
    language = language if (key, language) in DRAFTS else "en"
    found = _find(key, language)
    if found is None:
        with transaction.atomic():
            save_template(draft=DRAFTS[key, language], starter=key, now=now)
        found = _find(key, language)
    assert found  # noqa: S101 - just saved
    return found


def _find(key: str, language: str) -> UUID | None:
    return (
        Template.objects.filter(starter=key, language=language, live_version__isnull=False)
        .order_by("created_at")
        .values_list("live_version_id", flat=True)
        .first()
    )
