"""The one gate every address, subject and header passes before a message may leave."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, EmailSyntaxError, validate_email

SUBJECT_MAX = 255
HEADER_LINE_MAX = 998  # RFC 5322, 2.1.1, without the line break
ADDRESS_MAX = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets

# What leaves in millions is plain ASCII; anything else takes the long way through the validator.
_PLAIN_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)"
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_BREAK = re.compile(r"[\r\n\x00\x0b\x0c\x85\u2028\u2029]")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
_NAMED_ADDRESS = re.compile(r"(?P<name>[^<>\r\n]*)<(?P<address>[^<>\s]+)>")

# Set by the message itself, or able to change who gets it and how it is read.
FORBIDDEN_HEADERS = frozenset(
    [
        "bcc",
        "cc",
        "to",
        "from",
        "sender",
        "reply-to",
        "subject",
        "date",
        "return-path",
        "received",
        "mime-version",
        "dkim-signature",
        "authentication-results",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "resent-from",
        "apparently-to",
        "errors-to",
        "disposition-notification-to",
        "return-receipt-to",
    ]
)


class AddressError(ValueError):
    """An address that mail cannot be sent to: a stable code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class MessageRefused(ValueError):
    """A message that must not leave: which part of it, a stable code and a sentence."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(f"{field}: {code}: {message}")
        self.field = field
        self.code = code
        self.message = message


def clean_address(text: str, *, allow_eai: bool = False) -> str:
    """One bare address in its ASCII form (IDNA 2008), trimmed; raises AddressError.

    The local part keeps its case. With `allow_eai` a local part beyond ASCII passes, for a
    sender that speaks SMTPUTF8.
    """
    address = text.strip(" \t\r\n")
    if _PLAIN_ADDRESS.fullmatch(address):
        return _checked(address, allow_eai=allow_eai)
    _refuse_shape(address)
    return _checked(address, allow_eai=allow_eai)


def _refuse_shape(address: str) -> None:
    if not address:
        raise AddressError("invalid_email", _("Enter an email address."))
    if _CONTROL.search(address):
        raise AddressError(
            "invalid_email", _("The address has a line break or a control character in it.")
        )
    if any(unicodedata.category(char) == "Cf" for char in address):
        raise AddressError("invalid_email", _("The address has an invisible character in it."))
    if "<" in address and address.endswith(">"):
        raise AddressError(
            "invalid_email",
            _("Enter the address alone, like name@example.com; the name has a field of its own."),
        )
    if address.count("@") > 1 or any(mark in address for mark in ",;"):
        raise AddressError("invalid_email", _("Enter one address only."))


def _checked(address: str, *, allow_eai: bool) -> str:
    try:
        found = validate_email(
            address,
            check_deliverability=False,
            allow_smtputf8=True,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            test_environment=True,  # `.test` names no mailbox, so there is nothing to protect
        )
    except EmailNotValidError as error:
        raise AddressError("invalid_email", _sentence(address, error)) from None
    if found.ascii_domain.rpartition(".")[0] == "":
        raise AddressError("invalid_email", _("The part after the @ needs a dot, as in .com."))
    if found.ascii_email is None:
        if allow_eai:
            return f"{found.local_part}@{found.ascii_domain}"
        raise AddressError(
            "eai_unsupported",
            _("The part before the @ has letters that most mail servers cannot deliver to yet."),
        )
    return found.ascii_email


def _sentence(address: str, error: EmailNotValidError) -> str:
    if len(address) > ADDRESS_MAX:
        return _("The address is too long.")
    local, at, domain = address.rpartition("@")
    if not at:
        return _("An email address needs an @, as in name@example.com.")
    if domain.startswith("["):
        return _("The part after the @ must be a name like example.com, not a number.")
    if ".." in address:
        return _("The address has two dots in a row.")
    if "." not in domain:
        return _("The part after the @ needs a dot, as in .com.")
    if not local:
        return _("Nothing stands before the @.")
    if isinstance(error, EmailSyntaxError):
        return _("This does not look like an email address.")
    return _("Mail cannot be sent to this address.")


def check_message(
    *,
    to: str,
    sender: str,
    reply_to: str | None = None,
    subject: str,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
) -> None:
    """Let a message leave, or raise MessageRefused; asked right before every send.

    `to` is one bare address; `sender` and `reply_to` are bare or `Name <address>`.
    """
    if not _PLAIN_ADDRESS.fullmatch(to):
        _check_address("to", to)
    _check_named("from", sender)
    if reply_to:
        _check_named("reply_to", reply_to)
    _check_subject(subject)
    if headers:
        _check_headers(headers.items() if isinstance(headers, Mapping) else headers)


def _check_address(field: str, address: str) -> None:
    try:
        cleaned = clean_address(address)
    except AddressError as error:
        raise MessageRefused(field, error.code, error.message) from None
    if cleaned != address:
        raise MessageRefused(field, "invalid_email", _("The address is not in its clean form."))


@lru_cache(maxsize=4096)  # senders are few; a refusal is not remembered
def _check_named(field: str, value: str) -> None:
    _refuse_line_break(field, value)
    named = _NAMED_ADDRESS.fullmatch(value)
    _check_address(field, named["address"] if named else value)


def _check_subject(subject: str) -> None:
    _refuse_line_break("subject", subject)
    if len(subject) > SUBJECT_MAX:
        raise MessageRefused(
            "subject",
            "subject_too_long",
            _("The subject has %(length)d characters; %(most)d are allowed.")
            % {"length": len(subject), "most": SUBJECT_MAX},
        )
    if not subject.strip():
        raise MessageRefused("subject", "subject_empty", _("The subject is empty."))


def _refuse_line_break(field: str, value: str) -> None:
    if value.isascii() and value.isprintable():
        return
    if _LINE_BREAK.search(value):
        raise MessageRefused(
            field,
            "line_break",
            _("“%(field)s” has a line break or a control character in it.") % {"field": field},
        )


def _check_headers(headers: Iterable[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for name, value in headers:
        lowered = name.lower()
        if not _HEADER_NAME.fullmatch(name):
            raise MessageRefused(
                "headers", "header_name", _("A header has a name that mail does not allow.")
            )
        if lowered in FORBIDDEN_HEADERS or lowered.startswith("content-"):
            raise MessageRefused(
                "headers",
                "header_forbidden",
                _("The header %(name)s cannot be set here.") % {"name": name},
            )
        if lowered in seen:
            raise MessageRefused(
                "headers",
                "header_twice",
                _("The header %(name)s is there twice.") % {"name": name},
            )
        seen.add(lowered)
        _refuse_line_break(name, value)
        if len(name) + 2 + len(value.encode()) > HEADER_LINE_MAX:
            raise MessageRefused(
                "headers",
                "header_too_long",
                _("The header %(name)s is too long.") % {"name": name},
            )
