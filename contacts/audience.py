"""How many people conditions hold for, and how many of them can be mailed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Suppression
from contacts.segments import Tree, in_segment, scope_at

# One reason each, the first that holds.
REASONS: dict[str, Promise] = {
    "no_address": gettext_lazy("without an email address"),
    "suppressed": gettext_lazy("bounced, complained or blocked"),
    "no_consent": gettext_lazy("have not agreed to marketing mail"),
}


@dataclass(frozen=True)
class AudienceCounts:
    """`size` = `mailable` + the sum of `not_mailable`, which has a number for each of REASONS."""

    size: int
    mailable: int
    not_mailable: dict[str, int]

    @property
    def unreachable(self) -> int:
        """How many cannot be mailed."""
        return self.size - self.mailable

    def reasons(self) -> list[tuple[str, Promise, int]]:
        """(code, words, how many), without the reasons that keep nobody back."""
        return [
            (code, words, self.not_mailable[code])
            for code, words in REASONS.items()
            if self.not_mailable[code]
        ]


def audience_counts(*, tree: Tree, now: datetime) -> AudienceCounts:
    """Exact counts in one statement."""
    return count_audience(in_segment(tree, scope_at(now)))


def count_audience(people: QuerySet[Contact]) -> AudienceCounts:
    """The same for any set of contacts."""
    suppressed = Suppression.objects.filter(channel="email", value=OuterRef("email"))
    standing = Case(
        When(email__isnull=True, then=Value("no_address")),
        When(Exists(suppressed), then=Value("suppressed")),
        When(~Q(email_consent=Contact.Consent.SUBSCRIBED), then=Value("no_consent")),
        default=Value("mailable"),
    )
    rows = people.order_by().annotate(standing=standing).values("standing").annotate(n=Count("pk"))
    found: dict[str, int] = dict(rows.values_list("standing", "n"))
    return AudienceCounts(
        size=sum(found.values()),
        mailable=found.get("mailable", 0),
        not_mailable={code: found.get(code, 0) for code in REASONS},
    )


def sizes(trees: Sequence[Tree], *, now: datetime) -> list[int]:
    """How many people each tree holds for, in one statement."""
    scope = scope_at(now)
    asked: list[Any] = [
        in_segment(tree, scope)
        .order_by()
        .annotate(asked=Value(number))
        .values("asked")
        .annotate(n=Count("pk"))
        .values_list("asked", "n")
        for number, tree in enumerate(trees)
    ]
    if not asked:
        return []
    found = dict(asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0])
    return [found.get(number, 0) for number in range(len(trees))]
