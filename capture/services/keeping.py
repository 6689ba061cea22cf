"""Keeping the forms: making, changing, opening and closing them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from capture.models import SignupForm
from contacts.models import ConsentWording
from core.errors import Invalid, Problem
from core.ids import uuid7
from tenants.audit import record_audit
from tenants.context import current_workspace
from tenants.models import User


@dataclass(frozen=True)
class FormDraft:
    """What an owner decides about a form."""

    name: str
    slug: str
    language: str
    title: str
    intro: str
    asks_name: bool
    button: str
    double_opt_in: bool
    thanks: str
    tags: list[str]
    wording_text: str

    def values(self) -> dict[str, object]:
        """The columns of SignupForm, all but the wording."""
        return {key: value for key, value in vars(self).items() if key != "wording_text"}


@contextmanager
def _whole_or_refused() -> Iterator[None]:
    """One transaction; an address that somebody else took in the meantime raises Invalid."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        problem = Problem("slug_taken", _("Another form has this address."), field="slug")
        raise Invalid(problem.code, problem.message, [problem]) from error


@_whole_or_refused()
def create_form(*, draft: FormDraft, by: User, now: datetime) -> SignupForm:
    """A new form, open at once, with the first version of its wording.

    Raises Invalid `slug_taken`.
    """
    form_id = uuid7()
    wording = _add_wording(str(form_id), draft, now)
    form = SignupForm.objects.create(id=form_id, wording=wording, created_at=now, **draft.values())
    _audit("form.created", form, by, now)
    return form


@_whole_or_refused()
def update_form(*, form_id: UUID, draft: FormDraft, by: User, now: datetime) -> SignupForm:
    """Change a form. Other words or another language make the next version of its wording.

    Raises Invalid `slug_taken`.
    """
    # The lock also keeps two editors from making the same version number.
    form = (
        SignupForm.objects.select_for_update(of=("self",)).select_related("wording").get(pk=form_id)
    )
    before = form.wording
    if (before.text, before.language) != (draft.wording_text, draft.language):
        form.wording = _add_wording(before.key, draft, now)
    for key, value in draft.values().items():
        setattr(form, key, value)
    form.save()
    _audit("form.changed", form, by, now)
    return form


@transaction.atomic
def set_form_open(*, form_id: UUID, is_open: bool, by: User, now: datetime) -> bool:
    """Open or close a form to the public; False when it was so already."""
    changed = SignupForm.objects.filter(pk=form_id, is_open=not is_open).update(is_open=is_open)
    if changed:
        form = SignupForm.objects.get(pk=form_id)
        _audit("form.opened" if is_open else "form.closed", form, by, now)
    return bool(changed)


def _add_wording(key: str, draft: FormDraft, now: datetime) -> ConsentWording:
    newest = ConsentWording.objects.filter(key=key, language=draft.language).aggregate(
        number=Max("number")
    )["number"]
    return ConsentWording.objects.create(
        key=key,
        language=draft.language,
        number=(newest or 0) + 1,
        text=draft.wording_text,
        created_at=now,
    )


def _audit(action: str, form: SignupForm, by: User, now: datetime) -> None:
    record_audit(
        workspace=current_workspace("A form"),
        actor=by,
        action=action,
        target=form.name,
        detail={"form": str(form.pk), "wording": form.wording_id},
        now=now,
    )
