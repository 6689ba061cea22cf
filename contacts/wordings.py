"""The sentences people agree to, kept in every version ever used."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from contacts.models import ConsentWording


def keep_wording(*, key: str, text: str, language: str, now: datetime) -> ConsentWording:
    """The version with this very text under this key and language; the next number when new."""
    for _attempt in range(3):
        of_key = ConsentWording.objects.filter(key=key, language=language)
        if found := of_key.filter(text=text).first():
            return found
        last = of_key.aggregate(last=Max("number"))["last"] or 0
        with transaction.atomic():
            # Two at once: the loser finds the number taken, writes nothing, and looks again.
            ConsentWording.objects.bulk_create(
                [
                    ConsentWording(
                        key=key, text=text, language=language, number=last + 1, created_at=now
                    )
                ],
                ignore_conflicts=True,
            )
    return of_key.get(text=text)
