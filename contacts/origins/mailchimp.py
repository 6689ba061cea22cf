"""Mailchimp's audience exports: subscribed, unsubscribed and cleaned members.

The three files tell their kind by their columns: UNSUB_TIME, CLEAN_TIME, else subscribed.
"""

import csv

from contacts.origins.registry import Origin, origins


def tags(cell: str) -> list[str]:
    """Tags as Mailchimp writes them: a row of CSV inside the cell."""
    try:
        parts = next(csv.reader([cell], skipinitialspace=True), [])
    except csv.Error:
        parts = cell.replace('"', "").split(",")
    return [part for each in parts if (part := each.strip())]


origins.register(
    Origin(
        key="mailchimp",
        label="Mailchimp",
        signature=frozenset({"email address", "leid", "euid"}),
        targets={
            "email address": "email",
            "first name": "first_name",
            "last name": "last_name",
            "phone number": "phone",
            "phone": "phone",
            "timezone": "timezone",
            "tags": "tags",
            "confirm_time": "consent_at",
            "confirm_ip": "consent_ip",
            "unsub_time": "unsubscribed_at",
            "clean_time": "bounced_at",
        },
        tags=tags,
    )
)
