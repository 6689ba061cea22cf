"""The signed word in every hosted form: which page it was, when, and in which wording.

Hosted pages set no cookies, so this stands where Django's CSRF token would.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing

from tenants.context import current_schema

SALT = "capture.page"
MAX_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class PageToken:
    """What the page showed when it was drawn."""

    page: str
    wording_id: int | None


def issue_page_token(*, page: str, wording_id: int | None, now: datetime) -> str:
    """A signed token for one page of the active workspace, good for MAX_AGE."""
    content = [current_schema(), page, wording_id, int(now.timestamp())]
    return signing.dumps(content, salt=SALT, compress=False)


def read_page_token(token: str, *, page: str, now: datetime) -> PageToken | None:
    """What the page showed; None for a token that is missing, forged, old, or another page's."""
    try:
        schema, of_page, wording_id, at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    age = now.timestamp() - at
    if (schema, of_page) != (current_schema(), page) or not -60 <= age <= MAX_AGE.total_seconds():
        return None
    return PageToken(page=page, wording_id=wording_id)
