"""Klaviyo's list and segment exports."""

from contacts.origins.registry import Origin, origins

STATUSES = {
    "SUBSCRIBED": "subscribed",
    "UNSUBSCRIBED": "unsubscribed",
    "NEVER_SUBSCRIBED": "none",
}


def status(cell: str) -> str:
    """Klaviyo's words; anything unknown allows nothing."""
    return STATUSES.get(cell.strip().upper().replace(" ", "_"), "none")


origins.register(
    Origin(
        key="klaviyo",
        label="Klaviyo",
        signature=frozenset({"email", "email marketing consent"}),
        targets={
            "email": "email",
            "first name": "first_name",
            "last name": "last_name",
            "phone number": "phone",
            "external id": "external_id",
            "language": "language",
            "timezone": "timezone",
            "email marketing consent": "status",
            "email marketing consent timestamp": "consent_at",
        },
        status=status,
    )
)
