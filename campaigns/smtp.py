"""A small SMTP client: one connection for many messages, pipelined, a verdict for each.

The next envelope travels behind the current body (RFC 2920, 3.1), so that a message costs one
round trip. What happened is said as precisely as SMTP allows: accepted, certainly not sent, or
in doubt because the line was cut after its body began to leave.
"""

import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from django.utils.translation import gettext as _

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
REPLY_LINES_MAX = 100

_QUEUED_AS = re.compile(r"(?:queued as|id=|OK id=|Message-ID:?)\s*<?([\w.@+-]+)", re.IGNORECASE)
_DOT = b"\r\n."


@dataclass(frozen=True)
class Outgoing:
    """One message ready to leave: envelope and bytes with CRLF line ends.

    `dotless` promises that no line starts with a dot, which saves looking for one.
    """

    sender: str
    to: str
    data: bytes
    dotless: bool = False


@dataclass(frozen=True)
class Accepted:
    """The server took the message; its queue number where it named one."""

    provider_id: str = ""


@dataclass(frozen=True)
class Refused:
    """Certainly not sent. `permanent` says that trying again cannot help."""

    permanent: bool
    code: int
    text: str


@dataclass(frozen=True)
class InDoubt:
    """The line was cut, or fell silent, after the body began to leave."""

    reason: str


@dataclass(frozen=True)
class NotTried:
    """Nothing of it left, and nothing is known against it: another try may be made at once."""

    reason: str
    code: int = 0


Verdict = Accepted | Refused | InDoubt | NotTried
Security = Literal["none", "starttls", "tls"]


class SmtpUnavailable(Exception):
    """No conversation came about: refused, unknown host, no TLS, or the login was wrong."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class _Cut(Exception):
    """The line went dead while we waited or wrote."""


class SmtpClient:
    """One reusable connection; opens by itself, is closed by `with` or `close`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: Security = "none",
        username: str = "",
        password: str = "",
        helo: str | None = None,
        seconds: float = COMMAND_SECONDS,
        most_per_connection: int = 1000,
    ) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._login = (username, password) if username else None
        self._helo = helo
        self._seconds = seconds
        self._most = most_per_connection
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self._pipelining = False
        self._reset_first = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send_batch(self, messages: Iterable[Outgoing]) -> Iterator[Verdict]:
        """A verdict for each message, in order; after a lost connection the rest is NotTried."""
        queue = list(messages)
        done = 0
        while done < len(queue):
            try:
                self._open()
            except SmtpUnavailable as error:
                yield from [NotTried(error.text, error.code)] * (len(queue) - done)
                return
            room = max(1, self._most - self._sent)
            for verdict in self._send_open(queue[done : done + room]):
                done += 1
                yield verdict
            if self._smtp is None:
                lost = NotTried(_("The connection to the mail server was lost before its turn."))
                yield from [lost] * (len(queue) - done)
                return

    def close(self) -> None:
        """Say goodbye, if somebody is still listening."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.sock.sendall(b"QUIT\r\n")  # type: ignore[union-attr]
        except (OSError, AttributeError):
            pass
        finally:
            smtp.close()

    # One connection

    def _open(self) -> None:
        if self._smtp is not None and self._sent < self._most:
            return
        self.close()
        try:
            smtp = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            raise SmtpUnavailable(
                _("The mail server refused the login."), error.smtp_code
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise SmtpUnavailable(
                _("The mail server could not be reached: %(detail)s") % {"detail": _told(error)},
                getattr(error, "smtp_code", 0),
            ) from None
        smtp.sock.settimeout(self._seconds)  # type: ignore[union-attr]
        self._smtp = smtp
        self._sent = 0
        self._reset_first = False
        self._pipelining = smtp.has_extn("pipelining")

    def _connected(self) -> smtplib.SMTP:
        # Reading the authorities' certificates costs some 40 ms, so only who needs them does.
        context = None if self._security == "none" else ssl.create_default_context()
        if self._security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, self._helo, timeout=CONNECT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(self._host, self._port, self._helo, timeout=CONNECT_SECONDS)
        try:
            smtp.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if self._login:
                smtp.login(*self._login)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _send_open(self, messages: list[Outgoing]) -> Iterator[Verdict]:
        """Verdicts until the messages or the connection end."""
        announced = False
        for number, message in enumerate(messages):
            following = messages[number + 1] if number + 1 < len(messages) else None
            if not self._pipelining:
                following = None
            try:
                refusal = self._envelope(message, announced)
            except _Cut as cut:
                self._drop()
                yield Refused(False, 0, str(cut))
                return
            announced = False
            if refusal is not None:
                self._reset_first = True
                if refusal.code == 421:
                    self._drop()
                yield refusal
            else:
                yield self._body(message, following)
                announced = following is not None
                self._sent += 1
            if self._smtp is None:
                return

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    # One message

    def _envelope(self, message: Outgoing, announced: bool) -> Refused | None:
        """Get to the point where the body may be written; None means go."""
        commands = self._commands(message)
        if self._pipelining:
            if not announced:
                self._write(b"".join(commands))
            replies = [self._reply() for _command in commands]
        else:
            replies = []
            for command in commands:
                self._write(command)
                replies.append(self._reply())
                if not _is_good(replies[-1]) and command is not commands[0]:
                    break
        self._reset_first = False
        return self._refusal(replies, len(commands))

    def _refusal(self, replies: list[tuple[int, str]], asked: int) -> Refused | None:
        last = replies[-1][0]
        relevant = replies[-3:] if asked == len(replies) else replies
        bad = next((reply for reply in relevant if not _is_good(reply)), None)
        if bad is None and last == 354:
            return None
        if last == 354:
            # The server takes a body although it refused the recipient: give it an empty one.
            self._write(b".\r\n")
            self._reply()
        code, text = bad or replies[-1]
        return Refused(500 <= code < 600, code, text)

    def _commands(self, message: Outgoing) -> list[bytes]:
        for address in (message.sender, message.to):
            if not address.isascii() or any(char in address for char in "\r\n<> "):
                raise ValueError("not an address for an envelope")
        commands = [
            f"MAIL FROM:<{message.sender}>\r\n".encode(),
            f"RCPT TO:<{message.to}>\r\n".encode(),
            b"DATA\r\n",
        ]
        return [b"RSET\r\n", *commands] if self._reset_first else commands

    def _body(self, message: Outgoing, following: Outgoing | None) -> Verdict:
        data = message.data if message.dotless else _dots_doubled(message.data)
        end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
        behind = b"".join(self._commands(following)) if following else b""
        try:
            self._write(b"".join((data, end, behind)))
            code, text = self._reply()
        except _Cut as cut:
            self._drop()
            return InDoubt(str(cut))
        if 200 <= code < 300:
            found = _QUEUED_AS.search(text)
            return Accepted(found[1] if found else "")
        if code == 421:
            self._drop()
        return Refused(500 <= code < 600, code, text)

    def _write(self, data: bytes) -> None:
        if self._smtp is None or self._smtp.sock is None:
            raise _Cut(_("The connection to the mail server was lost."))
        try:
            self._smtp.sock.sendall(data)
        except OSError as error:
            raise _Cut(_told(error)) from None

    def _reply(self) -> tuple[int, str]:
        """One reply, its lines joined; raises _Cut when none comes."""
        if self._smtp is None:
            raise _Cut(_("The connection to the mail server was lost."))
        stream, lines = self._smtp.file, []
        try:
            for _line in range(REPLY_LINES_MAX):
                line = stream.readline(2000)  # type: ignore[union-attr]
                if not line.endswith(b"\n"):
                    raise _Cut(_("The mail server closed the connection."))
                lines.append(line[4:].strip().decode("ascii", "replace"))
                if line[3:4] != b"-":
                    return int(line[:3]), " ".join(lines)[:500]
        except (OSError, ValueError) as error:
            raise _Cut(_told(error)) from None
        raise _Cut(_("The mail server's answer did not end."))


def _dots_doubled(data: bytes) -> bytes:
    """RFC 5321, 4.5.2."""
    doubled = data.replace(_DOT, b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def _is_good(reply: tuple[int, str]) -> bool:
    return 200 <= reply[0] < 400


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _("The mail server did not answer in time.")
    return str(error)[:200] or type(error).__name__
