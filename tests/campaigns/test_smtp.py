"""The SMTP client against servers that answer, refuse, fall silent and hang up."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer
from aiosmtpd.smtp import AuthResult

from campaigns.smtp import Accepted, InDoubt, NotTried, Outgoing, Refused, SmtpClient

BODY = b"Subject: Hi\r\n\r\nHello\r\n"


def mail(to: str = "ada@x.test", data: bytes = BODY) -> Outgoing:
    return Outgoing("hello@acme.test", to, data)


class Peer:
    """A scripted server that offers pipelining and notes what it took."""

    def __init__(self, *, pipelining: bool = True) -> None:
        self.pipelining = pipelining
        self.taken: list[tuple[str, bytes]] = []
        self.commands: list[str] = []
        self.connections = 0
        # What to do about a recipient, and about its body: a reply, "cut" or "silence".
        self.rcpt: dict[str, str] = {}
        self.end: dict[str, str] = {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self._silent: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with line, line.makefile("rb") as stream:
                try:
                    self._converse(line, stream)
                except OSError:
                    continue

    def _converse(self, line: socket.socket, stream: Any) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(b"220 peer\r\n")
        self._to = ""
        for raw in stream:
            self.commands.append(raw.decode().strip())
            answer = self._answer(self.commands[-1], line, stream)
            if answer == "cut":
                line.shutdown(socket.SHUT_RDWR)
                return
            if answer != "silence":
                line.sendall(answer.encode() + b"\r\n")

    def _answer(self, command: str, line: socket.socket, stream: Any) -> str:
        verb = command[:4]
        if verb == "EHLO":
            return "250-peer\r\n250 PIPELINING" if self.pipelining else "250 peer"
        if verb == "MAIL":
            nested, self._to = self._to, "?"
            return "503 nested" if nested else "250 OK"
        if verb == "RCPT":
            answer = self.rcpt.get(command[9:-1], "250 OK")
            self._to = command[9:-1] if answer.startswith("2") else "?"
            return answer
        if verb == "RSET":
            self._to = ""
        return self._data(line, stream) if verb == "DATA" else "250 OK"

    def _data(self, line: socket.socket, stream: Any) -> str:
        to, self._to = self._to, ""
        if to in ("", "?"):
            self._to = to
            return "503 no recipients"
        line.sendall(b"354 go\r\n")
        data = b"".join(iter(stream.readline, b".\r\n"))
        answer = self.end.get(to, f"250 2.0.0 Ok: queued as Q{len(self.taken)}")
        if answer.startswith("2") or answer in ("cut", "silence"):
            self.taken.append((to, data))
        return answer

    def stop(self) -> None:
        self.listener.close()


@pytest.fixture(params=[True, False], ids=["pipelined", "one-by-one"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    server = Peer(pipelining=request.param)
    yield server
    server.stop()


def client_of(peer: Peer, **options: Any) -> SmtpClient:
    return SmtpClient("127.0.0.1", peer.port, seconds=2, **options)


def test_a_batch_leaves_over_one_connection(peer: Peer) -> None:
    with client_of(peer) as client:
        verdicts = list(client.send_batch([mail("a@x.test"), mail("b@x.test")]))
        verdicts += client.send_batch([mail("c@x.test")])
    assert verdicts == [Accepted("Q0"), Accepted("Q1"), Accepted("Q2")]
    assert [to for to, _data in peer.taken] == ["a@x.test", "b@x.test", "c@x.test"]
    assert {data for _to, data in peer.taken} == {BODY}
    assert peer.connections == 1


def test_a_connection_is_renewed_after_its_share(peer: Peer) -> None:
    with client_of(peer, most_per_connection=2) as client:
        verdicts = list(client.send_batch([mail()] * 5))
    assert [type(verdict) for verdict in verdicts] == [Accepted] * 5
    assert (peer.connections, len(peer.taken)) == (3, 5)


def test_a_refused_recipient_is_a_certain_non_send_and_the_rest_goes_on(peer: Peer) -> None:
    # given two recipients the server does not want
    peer.rcpt = {"gone@x.test": "550 5.1.1 no such user", "busy@x.test": "451 try later"}
    batch = [mail("a@x.test"), mail("gone@x.test"), mail("busy@x.test"), mail("d@x.test")]
    # when all are sent
    with client_of(peer) as client:
        verdicts = list(client.send_batch(batch))
    # then
    assert verdicts[0] == Accepted("Q0")
    assert verdicts[1] == Refused(True, 550, "5.1.1 no such user")
    assert verdicts[2] == Refused(False, 451, "try later")
    assert verdicts[3] == Accepted("Q1")
    assert [to for to, _data in peer.taken] == ["a@x.test", "d@x.test"]


def test_a_refused_body_is_a_certain_non_send(peer: Peer) -> None:
    peer.end = {"a@x.test": "554 spam", "b@x.test": "452 full"}
    with client_of(peer) as client:
        verdicts = list(client.send_batch([mail("a@x.test"), mail("b@x.test"), mail("c@x.test")]))
    assert verdicts == [Refused(True, 554, "spam"), Refused(False, 452, "full"), Accepted("Q0")]


@pytest.mark.parametrize("how", ["cut", "silence"])
def test_a_line_that_dies_after_the_body_leaves_it_in_doubt(peer: Peer, how: str) -> None:
    # given a server that takes the second body and says nothing
    peer.end = {"b@x.test": how}
    batch = [mail("a@x.test"), mail("b@x.test"), mail("c@x.test"), mail("d@x.test")]
    # when
    with client_of(peer) as client:
        verdicts = list(client.send_batch(batch))
        # then only that one is in doubt and those behind it were never tried
        assert verdicts[0] == Accepted("Q0")
        assert isinstance(verdicts[1], InDoubt)
        assert verdicts[1].reason
        assert [type(verdict) for verdict in verdicts[2:]] == [NotTried, NotTried]
        assert [to for to, _data in peer.taken] == ["a@x.test", "b@x.test"]
        # and the client goes on with a new connection
        assert list(client.send_batch([mail("e@x.test")])) == [Accepted("Q2")]


@pytest.mark.parametrize("how", ["cut", "silence"])
def test_a_line_that_dies_before_the_body_is_a_certain_non_send(peer: Peer, how: str) -> None:
    peer.rcpt = {"b@x.test": how}
    batch = [mail("a@x.test"), mail("b@x.test"), mail("c@x.test")]
    with client_of(peer) as client:
        verdicts = list(client.send_batch(batch))
    assert verdicts[0] == Accepted("Q0")
    assert isinstance(verdicts[1], Refused)
    assert not verdicts[1].permanent
    assert isinstance(verdicts[2], NotTried)
    assert [to for to, _data in peer.taken] == ["a@x.test"]


def test_a_server_that_closes_with_421_is_believed(peer: Peer) -> None:
    peer.rcpt = {"b@x.test": "421 closing"}
    with client_of(peer) as client:
        verdicts = list(client.send_batch([mail("a@x.test"), mail("b@x.test"), mail("c@x.test")]))
    assert verdicts[1] == Refused(False, 421, "closing")
    assert isinstance(verdicts[2], NotTried)


def test_nobody_listening_means_nothing_was_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = SmtpClient("127.0.0.1", port, seconds=1)
    verdicts = list(client.send_batch([mail(), mail()]))
    assert [type(verdict) for verdict in verdicts] == [NotTried, NotTried]
    assert verdicts[0].reason.startswith("The mail server could not be reached")


DOTS = b".first\r\n..two\r\n.\r\nmid.dle\r\n.\r\n"


def test_lines_that_start_with_a_dot_arrive_whole(peer: Peer) -> None:
    with client_of(peer) as client:
        assert list(client.send_batch([mail(data=DOTS)])) == [Accepted("Q0")]
    ((_to, data),) = peer.taken
    assert data == b"..first\r\n...two\r\n..\r\nmid.dle\r\n..\r\n"


@pytest.mark.parametrize("address", ["a@x.test>\r\nRCPT TO:<evil@x.test", "a b@x.test", "é@x.test"])
def test_an_address_that_would_be_a_command_never_reaches_the_line(
    peer: Peer, address: str
) -> None:
    with client_of(peer) as client, pytest.raises(ValueError, match="envelope"):
        list(client.send_batch([mail(address)]))
    assert peer.taken == []
    assert not any("RCPT" in command for command in peer.commands)


class Box:
    """What a real server took."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.bodies.append(envelope.content)
        return "250 OK"


def _may_enter(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


class _WithLogin(Controller):
    def factory(self) -> SmtpServer:
        return SmtpServer(self.handler, authenticator=_may_enter, auth_require_tls=False)


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    kept = Box()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = _WithLogin(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


def test_a_real_server_reads_what_was_sent(box: tuple[Box, int]) -> None:
    kept, port = box
    with SmtpClient("127.0.0.1", port, username="u", password="right") as client:
        assert list(client.send_batch([mail(data=DOTS), mail()])) == [Accepted(), Accepted()]
    assert kept.bodies == [DOTS, BODY]


def test_a_wrong_password_is_told_as_such(box: tuple[Box, int]) -> None:
    kept, port = box
    with SmtpClient("127.0.0.1", port, username="u", password="wrong") as client:
        assert list(client.send_batch([mail()])) == [
            NotTried("The mail server refused the login.", 535)
        ]
    assert kept.bodies == []
