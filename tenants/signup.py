"""Sign-up: a person and their workspace at once, without telling strangers who has an account."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from allauth.account.internal.flows.signup import complete_signup, prevent_enumeration
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from core.ids import uuid7
from tenants.models import User, Workspace
from tenants.provisioning import create_workspace, slug_problem

LONGEST_SUGGESTION = 32


@dataclass(frozen=True)
class Application:
    """What somebody filled in, checked and clean; the email in lower case."""

    name: str
    business: str
    slug: str
    email: str
    password: str
    language: str
    timezone: str


def sign_up(*, request: HttpRequest, application: Application, now: datetime) -> HttpResponse:
    """The answer to a sign-up: always the way to the "check your mail" page.

    A new address gets an account, a workspace and a mail to confirm, all or nothing. A known one
    gets a mail that says so and nothing else; the same work is done and taken back, so that
    neither the page nor the time it takes tells the two apart. Raises Invalid for the slug.
    """
    if not _is_known(application.email):
        try:
            with transaction.atomic():
                return complete_signup(request, user=_create(application, now))
        except IntegrityError:
            # Somebody else signed up with this address at the same moment.
            if not _is_known(application.email):
                raise
    with transaction.atomic():
        _create(application, now, email=f"{uuid7()}@sign-up.invalid")
        transaction.set_rollback(True)
    return prevent_enumeration(request, email=application.email)


def _is_known(email: str) -> bool:
    return (
        User.objects.filter(email=email).exists()
        or EmailAddress.objects.filter(email=email).exists()
    )


def _create(application: Application, now: datetime, email: str = "") -> User:
    user = User.objects.create_user(
        email or application.email,
        application.password,
        name=application.name,
        language=application.language,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    create_workspace(
        name=application.business,
        slug=application.slug,
        owner=user,
        now=now,
        language=application.language,
        timezone=application.timezone,
    )
    return user


def suggest_slug(business: str) -> str:
    """A free address made of a business name; "" when the name has nothing to make one of."""
    plain = unicodedata.normalize("NFKD", business).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    stem = stem[:LONGEST_SUGGESTION].rstrip("-")
    if len(stem) < 2:
        return ""
    candidates = [stem] + [f"{stem}-{number}" for number in range(2, 100)]
    taken = set(Workspace.objects.filter(slug__in=candidates).values_list("slug", flat=True))
    return next((each for each in candidates if each not in taken and _is_fine(each)), "")


def _is_fine(slug: str) -> bool:
    return slug_problem(slug) is None
