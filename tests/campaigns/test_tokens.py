"""A token has one spelling: whatever else decodes to the same bytes opens nothing."""

from string import ascii_letters, digits
from uuid import UUID

import pytest

from campaigns.tokens import make_message_token, read_message_token
from contacts.links import make_contact_token, read_contact_token

ALPHABET = ascii_letters + digits + "-_"
ADA = UUID("01a20263-1256-7725-8b02-270567f6fb01")


@pytest.mark.parametrize(
    ("make", "read", "found"),
    [
        (make_message_token, read_message_token, ADA),
        (make_contact_token, read_contact_token, (ADA, None)),
    ],
)
def test_a_token_has_one_spelling(acme, make, read, found):
    token = make(ADA)
    assert read(token) == found

    # when any one character is another, or a strange one slips in
    altered = [
        token[:at] + other + token[at + 1 :]
        for at in range(len(token))
        for other in ALPHABET
        if other != token[at]
    ]
    strange = [f"{token[:at]}{sign}{token[at:]}" for at in range(len(token)) for sign in "!=\n "]

    # then nobody is found
    assert [each for each in altered + strange if read(each) is not None] == []
