"""Where a column of a file may go, and the guess the owner starts from."""

import re
from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactField
from contacts.origins import Origin

Words = str | Promise

SKIP = ""
FIELD = "field:"
NEW_FIELD = "new:"

TARGETS: dict[str, Words] = {
    "email": _("Email"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "full_name": _("Full name"),
    "phone": _("Phone"),
    "external_id": _("Your own customer number"),
    "language": _("Language"),
    "timezone": _("Time zone"),
    "tags": _("Tags"),
    "status": _("Email consent (subscribed, unsubscribed)"),
    "consent_at": _("Date of the consent"),
    "consent_ip": _("IP address of the consent"),
    "unsubscribed_at": _("Date of unsubscribing (everybody in the file unsubscribed)"),
    "bounced_at": _("Date of bouncing (everybody in the file bounced)"),
}

GUESSES = {
    "email": "email e_mail email_address mail indirizzo_email indirizzo_e_mail posta_elettronica",
    "first_name": "first_name firstname name given_name nome",
    "last_name": "last_name lastname surname family_name cognome",
    "full_name": "full_name fullname nome_e_cognome nome_completo contact_name",
    "phone": "phone phone_number telephone mobile telefono cellulare tel",
    "external_id": "external_id customer_id customer_number codice_cliente id_cliente",
    "language": "language lang lingua locale",
    "timezone": "timezone time_zone fuso_orario",
    "tags": "tags tag etichette labels",
    "status": "status consent email_consent subscription_status stato consenso",
}
_GUESSED = {word: target for target, words in GUESSES.items() for word in words.split()}


def guess_mapping(
    headers: Sequence[str], origin: Origin | None, fields: Sequence[ContactField]
) -> dict[str, str]:
    """{column number: target} to begin with: the origin's own, known fields, usual names.

    Each target is given once, to the first column that asks for it.
    """
    by_name = {_plain(field.label): FIELD + field.key for field in fields}
    by_name |= {_plain(field.key): FIELD + field.key for field in fields}
    mapping: dict[str, str] = {}
    for number, header in enumerate(headers):
        target = (origin.targets.get(header.strip().lower(), SKIP) if origin else SKIP) or (
            by_name.get(_plain(header)) or (SKIP if origin else _GUESSED.get(_plain(header), SKIP))
        )
        if target and target not in mapping.values():
            mapping[str(number)] = target
    return mapping


def _plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")
