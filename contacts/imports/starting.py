"""The second step: columns matched, consent declared, and off it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts import fields
from contacts.imports.targets import FIELD, NEW_FIELD, SKIP, TARGETS
from contacts.lane import wake_bulk_lane
from contacts.models import ConsentWording, ContactField, ContactImport
from contacts.tags import clean_tag
from core.errors import Invalid, Problem

WORDING_KEY = "import"
IDENTIFYING = frozenset({"email", "external_id"})


@dataclass(frozen=True)
class Choices:
    """What the owner decided about a file.

    `mapping` is {column number: target}. `wording` is what people agreed to; without it the file
    makes nobody a subscriber. `date_order` is one of fields.DATE_ORDERS.
    """

    mapping: Mapping[str, str]
    tag: str = ""
    date_order: str = ""
    wording: str = ""


def start(*, job: ContactImport, choices: Choices, now: datetime) -> None:
    """Queue the import. Raises Invalid with a problem per thing to fix, or `import_running`."""
    known = ContactField.objects.in_bulk(field_name="key")
    mapping, problems = _clean_mapping(job, choices.mapping, known)
    problems += _check(mapping, choices, known)
    tag = ""
    if choices.tag.strip():
        try:
            tag = clean_tag(choices.tag)
        except Invalid as refusal:
            problems.append(Problem(refusal.code, refusal.message, field="tag"))
    if problems:
        raise Invalid("bad_mapping", _("Some columns still need an answer."), problems)
    with transaction.atomic():
        mapping = _create_new_fields(job, mapping)
        options: dict[str, Any] = {"tag": tag, "date_order": choices.date_order or "ymd"}
        if choices.wording.strip():
            options["wording"] = _keep_wording(choices.wording.strip(), now).pk
        _queue(job, mapping=mapping, options=options, now=now)


def _queue(
    job: ContactImport, *, mapping: dict[str, str], options: dict[str, Any], now: datetime
) -> None:
    """Only a job still waiting for its columns is queued, so a second press changes nothing."""
    try:
        with transaction.atomic():
            queued = ContactImport.objects.filter(
                pk=job.pk, status=ContactImport.Status.UPLOADED
            ).update(mapping=mapping, options=options, status=ContactImport.Status.QUEUED)
    except IntegrityError:
        queued = 0
    if not queued:
        raise Invalid(
            "import_running",
            _("This file is being imported already. Wait until that is done."),
        )
    wake_bulk_lane(now=now)


def _clean_mapping(
    job: ContactImport, given: Mapping[str, str], known: Mapping[str, ContactField]
) -> tuple[dict[str, str], list[Problem]]:
    mapping: dict[str, str] = {}
    problems = []
    for number in range(len(job.columns)):
        target = given.get(str(number), SKIP)
        if target == SKIP:
            continue
        if not _exists(target, known):
            problems.append(
                Problem("bad_target", _("Choose what this column is."), field=f"column-{number}")
            )
        elif target in mapping.values() and not target.startswith(NEW_FIELD):
            message = _("Another column is already matched to this.")
            problems.append(Problem("target_twice", message, field=f"column-{number}"))
        else:
            mapping[str(number)] = target
    return mapping, problems


def _exists(target: str, known: Mapping[str, ContactField]) -> bool:
    if target.startswith(NEW_FIELD):
        return target.removeprefix(NEW_FIELD) in {"text", "number", "date", "boolean"}
    return target in TARGETS or target.removeprefix(FIELD) in known


def _check(
    mapping: Mapping[str, str], choices: Choices, known: Mapping[str, ContactField]
) -> list[Problem]:
    problems = []
    if not IDENTIFYING & set(mapping.values()):
        problems.append(
            Problem("no_identifier", _("Say which column is the email address."), field="mapping")
        )
    has_dates = any(
        target == f"{NEW_FIELD}date"
        or (target.startswith(FIELD) and known[target.removeprefix(FIELD)].type == "date")
        for target in mapping.values()
    )
    if choices.date_order and choices.date_order not in fields.DATE_ORDERS:
        problems.append(
            Problem("bad_date_order", _("Choose one of the ways listed."), field="date_order")
        )
    elif has_dates and not choices.date_order:
        problems.append(
            Problem("no_date_order", _("Say how this file writes dates."), field="date_order")
        )
    return problems


def _create_new_fields(job: ContactImport, mapping: Mapping[str, str]) -> dict[str, str]:
    """Turn "new:type" targets into fields named like their columns."""
    settled = dict(mapping)
    wanted: dict[str, ContactField] = {}
    for number, target in mapping.items():
        if target.startswith(NEW_FIELD):
            label = job.columns[int(number)] or _("Column %(number)s") % {"number": int(number) + 1}
            key = fields.field_key(label)
            wanted[key] = ContactField(
                key=key, label=label[:60], type=target.removeprefix(NEW_FIELD)
            )
            settled[number] = FIELD + key
    fields.create_fields(fields=wanted.values())
    return settled


def _keep_wording(text: str, now: datetime) -> ConsentWording:
    """The wording as a row; the same words are kept once."""
    newest = ConsentWording.objects.filter(key=WORDING_KEY, language="").order_by("-number")
    same = newest.filter(text=text).first()
    if same:
        return same
    last = newest.first()
    return ConsentWording.objects.create(
        key=WORDING_KEY, language="", number=last.number + 1 if last else 1,
        text=text, created_at=now,
    )  # fmt: skip


def cancel(*, job: ContactImport, now: datetime) -> bool:
    """Stop after the batch in hand; what was imported stays. False when it was over already.

    A file that was never started goes at once; that of a started import stays, to be resumed.
    """
    states = ContactImport.Status
    with transaction.atomic():
        thrown = ContactImport.objects.filter(pk=job.pk, status=states.UPLOADED).update(
            status=states.CANCELLED, finished_at=now, file=""
        )
        if thrown and job.file:
            transaction.on_commit(partial(default_storage.delete, str(job.file.name)))
        return bool(thrown) or bool(
            ContactImport.objects.filter(
                pk=job.pk, status__in=[states.QUEUED, states.RUNNING]
            ).update(status=states.CANCELLED, finished_at=now)
        )


def resume(*, job: ContactImport, now: datetime) -> bool:
    """Go on with a failed or cancelled import where it stopped; False when there is nothing to."""
    states = ContactImport.Status
    with transaction.atomic():
        resumed = (
            ContactImport.objects.filter(pk=job.pk, status__in=[states.FAILED, states.CANCELLED])
            .exclude(file="")
            .exclude(options={})
            .update(status=states.QUEUED, finished_at=None, error="")
        )
        if resumed:
            wake_bulk_lane(now=now)
    return bool(resumed)
