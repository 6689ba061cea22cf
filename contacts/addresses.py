"""The one form of an address under which a contact is kept."""

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES

from core.mailgate import AddressError, clean_address

# What nearly every address looks like; each match is an address email-validator accepts too.
# Anything else, international labels and reserved domains included, goes to the validator.
_ORDINARY = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)"
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:" + "|".join(SPECIAL_USE_DOMAIN_NAMES) + r")\Z)[a-z]{2,63}"
)


def normal_address(text: str) -> str:
    """The address in lower case with an ASCII domain; raises AddressError.

    Lower case because no mail service in use tells `Ada@` from `ada@`, and a person must not
    become two contacts over a capital letter.
    """
    address = text.strip(" \t\r\n").lower()
    if _ORDINARY.fullmatch(address):
        return address
    return clean_address(address).lower()


__all__ = ["AddressError", "normal_address"]
