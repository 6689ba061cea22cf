"""What mails are filled with, from all merge fields: only those that a mail names."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation

from contacts.contracts import MergeField, MergeRequest, merge_fields


def _named(names: Collection[str]) -> list[MergeField]:
    return [merge_field for merge_field in merge_fields if merge_field.key in names]


def merge_values(
    *, requests: Sequence[MergeRequest], names: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    """For each request, in order, the values of the merge fields named: one statement a field."""
    found: list[dict[str, Any]] = [{} for _request in requests]
    for merge_field in _named(names):
        for known, value in zip(found, merge_field.values(requests, now), strict=True):
            known[merge_field.key] = value
    return found


def example_values(
    *, names: Collection[str], contact_id: UUID | None, language: str, now: datetime
) -> dict[str, Any]:
    """For looking at a mail: the contact's own values, and samples where there are none."""
    own: dict[str, Any] = {}
    if contact_id:
        asked = MergeRequest(contact_id, language=language)
        [own] = merge_values(requests=[asked], names=names, now=now)
    with translation.override(language):
        return {each.key: own.get(each.key) or each.sample() for each in _named(names)}


def kept_values(found: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that a message keeps once it was sent."""
    return {name: value for name, value in found.items() if merge_fields.get(name).is_kept}


def note_shown(*, shown: Sequence[tuple[UUID, Mapping[str, Any]]], now: datetime) -> None:
    """Tell merge fields what of theirs people were sent; in the transaction of the send moment."""
    for merge_field in merge_fields:
        mine = [
            (contact_id, values[merge_field.key])
            for contact_id, values in shown
            if values.get(merge_field.key)
        ]
        if mine and merge_field.shown:
            merge_field.shown(mine, now)
