"""MIME without a tree per recipient: the skeleton and its literals are encoded once per version.

Every value stands between two soft line breaks, so that neither side needs to know how long the
other's line already is (quoted-printable, RFC 2045, 6.7).
"""

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from campaigns.render import Layout, Program, RenderedMessage
from core.mailgate import check_message

BOUNDARY = "=_viaggio"  # "=_" cannot occur in quoted-printable text
# 52 characters of base64; with its frame and the header's name below the 76 of RFC 2047, 2.
ENCODED_WORD_BYTES = 39
SUBJECT_LINE = 68

LINE = 76  # RFC 2045, 6.7

_SOFT = b"=\r\n"
_LAST_CHARACTER = re.compile(rb"(=[0-9A-F]{2}|[^=])\Z")
# May stand alone on a line as it is. A space at the end is safe too: a soft break follows it.
_AS_IS = re.compile(r"(?!\.)[ !-<>-~]{0,70}")
_PLAIN_HEADER = re.compile(r"[ !-~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def quoted_printable(text: str) -> bytes:
    """The text as quoted-printable lines of at most 76 characters, with CRLF.

    No line starts with a dot, so that SMTP has nothing to double, and the last has room for the
    `=` of a soft line break.
    """
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = b"\n" + b2a_qp(unix.encode(), istext=True)
    while b"\n." in lines:
        lines = lines.replace(b"\n.", b"\n=2E=\n")
    if len(lines) - lines.rfind(b"\n") > LINE:
        lines = _LAST_CHARACTER.sub(_on_a_new_line, lines)
    return lines[1:].replace(b"\n", b"\r\n")


def _on_a_new_line(found: re.Match[bytes]) -> bytes:
    return b"=\n=2E" if found[0] == b"." else b"=\n" + found[0]


def encoded_header(text: str) -> str:
    """A header's text as RFC 2047 encoded words where it needs them, folded."""
    if _PLAIN_HEADER.fullmatch(text) and "=?" not in text and len(text) <= SUBJECT_LINE:
        return text
    words, chunk = [], b""
    for char in text:
        raw = char.encode()
        if len(chunk) + len(raw) > ENCODED_WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += raw
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in [*words, chunk])


_subject_header = lru_cache(maxsize=2048)(encoded_header)
_date_header = lru_cache(maxsize=8)(format_datetime)


def named_address(name: str, address: str) -> str:
    """`Name <address>` as a header carries it."""
    if not name:
        return address
    if _ATOMS.fullmatch(name):
        return f"{name} <{address}>"
    if _PLAIN_HEADER.fullmatch(name) and len(name) <= SUBJECT_LINE:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{encoded_header(name)}\r\n <{address}>"


class Skeleton:
    """The MIME frame of one template version and one sender; `fill` costs only the values."""

    def __init__(
        self,
        program: Program,
        *,
        sender_name: str,
        sender_address: str,
        reply_to: str = "",
        feedback_id: str = "",
        message_domain: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.sender_address = sender_address
        self._sender = f"{sender_name} <{sender_address}>" if sender_name else sender_address
        self._reply_to = reply_to or None
        self._domain = message_domain
        extra = dict(headers or {})
        if feedback_id:
            extra["Feedback-ID"] = feedback_id
        check_message(
            to=sender_address,
            sender=self._sender,
            reply_to=self._reply_to,
            subject="-",
            headers={**extra, "Message-ID": f"<0@{message_domain}>"},
        )
        lines = [f"From: {named_address(sender_name, sender_address)}"]
        if reply_to:
            lines.append(f"Reply-To: {reply_to}")
        lines += [f"{name}: {encoded_header(value)}" for name, value in extra.items()]
        lines += [
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"',
        ]
        self._head = "\r\n".join(lines).encode()
        text, html = _Encoded(program.text), _Encoded(program.html)
        self._literals = _joined(_part_head("text/plain"), text.literals)
        self._literals = _joined_parts(
            self._literals, _joined(_part_head("text/html"), html.literals)
        )
        self._literals[-1] += f"\r\n--{BOUNDARY}--\r\n".encode()
        self._order = [*text.order, *html.order]
        self._needed = sorted(set(self._order))
        self._frame: list[bytes] = [b""] * (2 * len(self._order) + 1)
        self._frame[::2] = self._literals

    def fill(
        self,
        rendered: RenderedMessage,
        *,
        to: str,
        send_id: str,
        date: datetime,
        one_click: bool = True,
    ) -> bytes:
        """The whole message, CRLF lines; raises MessageRefused when it may not leave.

        `one_click` adds the unsubscribe headers of RFC 8058, due on all but transactional mail.
        """
        unsubscribe = (
            (
                ("List-Unsubscribe", f"<{rendered.unsubscribe_url}>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            )
            if one_click
            else ()
        )
        dynamic = (
            ("Message-ID", f"<{send_id}@{self._domain}>"),
            ("X-Viaggio-Send", send_id),
            *unsubscribe,
        )
        subject = rendered.subject
        check_message(
            to=to,
            sender=self._sender,
            reply_to=self._reply_to,
            subject=subject,
            headers=dynamic,
        )
        lines = "".join([f"\r\n{name}: {value}" for name, value in dynamic])
        head = (
            f"\r\nTo: {to}\r\nSubject: {_subject_header(subject)}"
            f"\r\nDate: {_date_header(date)}{lines}\r\n"
        )
        return b"".join((self._head, head.encode(), self._body(rendered.values)))

    def _body(self, values: Sequence[str]) -> bytes:
        encoded = {index: _value(values[index]) for index in self._needed}
        frame = self._frame.copy()
        frame[1::2] = [encoded[index] for index in self._order]
        return b"".join(frame)


class _Encoded:
    """A layout whose literals are quoted-printable, with the soft breaks around each value."""

    def __init__(self, layout: Layout) -> None:
        self.order = layout.order
        last = len(layout.literals) - 1
        self.literals = [
            (_SOFT if number else b"")
            + quoted_printable(literal)
            + (_SOFT if number < last else b"")
            for number, literal in enumerate(layout.literals)
        ]


def _joined(head: bytes, literals: list[bytes]) -> list[bytes]:
    return [head + literals[0], *literals[1:]]


def _joined_parts(one: list[bytes], other: list[bytes]) -> list[bytes]:
    return [*one[:-1], one[-1] + other[0], *other[1:]]


def _part_head(kind: str) -> bytes:
    return (
        f'\r\n--{BOUNDARY}\r\nContent-Type: {kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _value(text: str) -> bytes:
    return text.encode() if _AS_IS.fullmatch(text) else quoted_printable(text)
