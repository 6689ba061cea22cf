"""Every HTTP provider speaks to a real server, and says exactly whether the message left."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from campaigns import sending
from campaigns.compile import compile_template
from campaigns.contracts import Brand
from campaigns.messages import NewMessage, queue_messages
from campaigns.mime import Skeleton
from campaigns.models import Message, ProviderAccount
from campaigns.outbound import Parcel, providers
from campaigns.render import LinkPatterns, Program, Recipient
from campaigns.smtp import Accepted, InDoubt, NotTried, Refused
from contacts.consent import record_consent

SEND_ID = UUID("01900000-0000-7000-8000-000000000001")
CREDENTIALS = {
    "postmark": {"server_token": "t"},
    "mailgun": {"api_key": "k", "sender_domain": "acme.example"},
    "brevo": {"api_key": "k"},
    "resend": {"api_key": "k"},
    "mailjet": {"api_key": "k", "secret_key": "s"},
    "sparkpost": {"api_key": "k"},
    "mailersend": {"api_token": "t"},
    "mailtrap": {"api_token": "t"},
    "mandrill": {"api_key": "k"},
    "postal": {"api_key": "k"},
    "sendgrid": {"api_key": "k"},
    "unisender_go": {"api_key": "k"},
}
ANSWERS: dict[str, tuple[Any, str]] = {
    "postmark": (
        {"ErrorCode": 0, "Message": "OK", "MessageID": "id-1", "To": "ada@example.com"},
        "id-1",
    ),
    "mailgun": ({"id": "<id-1@acme.example>", "message": "Queued."}, "<id-1@acme.example>"),
    "brevo": ({"messageId": "<id-1@brevo>"}, "<id-1@brevo>"),
    "resend": ({"id": "id-1"}, "id-1"),
    "mailjet": (
        {"Messages": [{"Status": "success", "To": [{"Email": "ada@example.com", "MessageID": 1}]}]},
        "1",
    ),
    "sparkpost": (
        {
            "results": {
                "total_rejected_recipients": 0,
                "total_accepted_recipients": 1,
                "id": "id-1",
            }
        },
        "id-1",
    ),
    "mailersend": ({}, "id-1"),
    "mailtrap": ({"success": True, "message_ids": ["id-1"]}, "id-1"),
    "mandrill": ([{"email": "ada@example.com", "status": "queued", "_id": "id-1"}], "id-1"),
    "postal": (
        {"status": "success", "data": {"messages": {"ada@example.com": {"id": 7, "token": "t"}}}},
        "7",
    ),
    # These two are given an id of Anymail's making.
    "sendgrid": ({}, ""),
    "unisender_go": ({"status": "success", "job_id": "j", "emails": ["ada@example.com"]}, ""),
}


@dataclass
class Api:
    """A provider that listens for real. `answer` is (status, headers, body), or what to do."""

    url: str = ""
    answer: Any = (200, {}, b"{}")
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    state = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.asked.append((self.path, dict(self.headers), body))
            if state.answer == "silence":
                time.sleep(0.6)
                self.close_connection = True
                return
            if state.answer == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            status, headers, content = state.answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_parts: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def parcel(now: Any) -> Any:
    """`parcel(to=..., sender=..., subject=...)`: one message ready to leave."""

    def make(
        *,
        to: str = "ada@example.com",
        sender: str = "Acme, Bread & Co <hello@acme.example>",
        subject: str = "Ciao, caffè",
        one_click: bool = True,
    ) -> Parcel:
        compiled = compile_template(
            subject="{{ subject }}",
            body=[{"kind": "text", "settings": {"html": "<p>Dear Ada</p>"}}],
            brand=Brand("Acme"),
        )
        links = LinkPatterns("http://acme.example/u/{consent}", "http://p/", "http://v/")
        program = Program(compiled, links)
        [rendered] = program.render([Recipient({"subject": subject}, "T", "C")])
        skeleton = Skeleton(
            program,
            sender_name="Acme",
            sender_address="hello@acme.example",
            message_domain="acme.example",
        )
        return Parcel(
            id=SEND_ID,
            to=to,
            rendered=rendered,  # type: ignore[arg-type]
            skeleton=skeleton,
            sender=sender,
            sender_address="hello@acme.example",
            date=now,
            one_click=one_click,
        )

    return make


def send(key: str, url: str, *parcels: Parcel) -> list[Any]:
    credentials = {**CREDENTIALS[key], "api_url": url}
    with providers.get(key).session(credentials) as session:
        return list(session.send(parcels))


@pytest.mark.parametrize("key", sorted(CREDENTIALS))
def test_each_provider_hands_the_message_over(key: str, api: Api, parcel: Any) -> None:
    # given a provider that takes it
    answer, provider_id = ANSWERS[key]
    headers = {"X-Message-Id": "id-1", "Content-Type": "text/plain"} if key == "mailersend" else {}
    status = 202 if key == "mailersend" else 200
    api.answer = (status, headers, b"" if key == "mailersend" else json.dumps(answer).encode())

    # when one message is sent
    verdicts = send(key, api.url, parcel())

    # then it was asked once, with everything in the call
    [(_path, _headers, body)] = api.asked
    text = body.decode()
    assert verdicts == [Accepted(provider_id or _made_by_anymail(text))]
    for part in ("ada@example.com", "hello@acme.example", "Dear Ada"):
        assert part in text or part.replace("@", "%40").replace(" ", "+") in text
    assert "One-Click" in text
    if key not in ("mailersend", "postal"):
        assert str(SEND_ID) in text


def _made_by_anymail(text: str) -> str:
    found = re.search(r'"anymail_id": ?"([0-9a-f-]{36})"', text)
    assert found
    return found[1]


def test_postmark_keeps_our_message_id_and_the_metadata(api: Api, parcel: Any) -> None:
    api.answer = (200, {}, json.dumps(ANSWERS["postmark"][0]).encode())
    send("postmark", api.url, parcel())
    [(path, headers, body)] = api.asked
    told = json.loads(body)
    assert path == "/email"
    assert headers["X-Postmark-Server-Token"] == "t"
    assert told["From"] == '"Acme, Bread & Co" <hello@acme.example>'
    assert told["Subject"] == "Ciao, caffè"
    assert told["Metadata"] == {"send_id": str(SEND_ID)}
    assert {header["Name"]: header["Value"] for header in told["Headers"]} == {
        "Message-ID": f"<{SEND_ID}@acme.example>",
        "List-Unsubscribe": "<http://acme.example/u/C>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-PM-KeepID": "true",
    }


def test_transactional_mail_carries_no_unsubscribe_header(api: Api, parcel: Any) -> None:
    api.answer = (200, {}, json.dumps(ANSWERS["postmark"][0]).encode())
    send("postmark", api.url, parcel(one_click=False))
    assert b"List-Unsubscribe" not in api.asked[0][2]


BUSY = b'{"ErrorCode": 429, "Message": "slow down"}'


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((429, {"Retry-After": "60"}, BUSY), Refused(False, 429, BUSY.decode())),
        ((429, {}, BUSY), Refused(False, 429, BUSY.decode())),
        ((503, {"Retry-After": "60"}, BUSY), Refused(False, 503, BUSY.decode())),
        ((408, {}, b"late"), Refused(False, 408, "late")),
        ((403, {}, b"no"), Refused(True, 403, "no")),
        ((413, {}, b"too big"), Refused(True, 413, "too big")),
    ],
)
def test_refusals_say_whether_trying_again_helps(
    api: Api, parcel: Any, answer: Any, verdict: Any
) -> None:
    api.answer = answer
    assert send("postmark", api.url, parcel()) == [verdict]


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"oops"),
        (502, {}, b"bad gateway"),
        (503, {}, b"no word on when"),
        (504, {}, b"gateway timeout"),
        (200, {}, b"<html>not JSON"),
        (200, {}, b"{}"),
        "cut",
    ],
)
def test_what_may_have_left_is_in_doubt(api: Api, parcel: Any, answer: Any) -> None:
    api.answer = answer
    [verdict] = send("postmark", api.url, parcel())
    assert isinstance(verdict, InDoubt)
    assert len(api.asked) == 1


def test_silence_is_in_doubt(api: Api, parcel: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("campaigns.anymail_provider.READ_SECONDS", 0.2)
    api.answer = "silence"
    assert send("postmark", api.url, parcel()) == [InDoubt("The provider did not answer in time.")]


def test_nobody_there_is_not_tried_and_the_rest_is_not_asked(parcel: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    unreachable = NotTried("The provider could not be reached.")
    assert send("postmark", url, parcel(), parcel()) == [unreachable, unreachable]


def test_a_wrong_key_blames_the_account_and_not_the_message(api: Api, parcel: Any) -> None:
    api.answer = (401, {}, b'{"ErrorCode": 10, "Message": "Bad token"}')
    assert (
        send("postmark", api.url, parcel(), parcel())
        == [NotTried("The provider refused the credentials.", 401)] * 2
    )
    assert len(api.asked) == 1


def test_an_inactive_address_is_refused_for_good(api: Api, parcel: Any) -> None:
    told = {"ErrorCode": 406, "Message": "Found inactive addresses: ada@example.com. Inactive"}
    api.answer = (422, {}, json.dumps(told).encode())
    [verdict] = send("postmark", api.url, parcel())
    assert (verdict.permanent, verdict.code) == (True, 422)


def test_an_answer_nobody_foresaw_costs_one_message_its_certainty(api: Api, parcel: Any) -> None:
    # given an answer without a type, over which the parser stumbles
    api.answer = (202, {}, b"")
    verdicts = send("mailersend", api.url, parcel(), parcel())
    assert [type(verdict) for verdict in verdicts] == [InDoubt, InDoubt]
    assert len(api.asked) == 2


@pytest.mark.parametrize("changed", [{"subject": " "}, {"to": "Ada <ada@example.com>"}])
def test_the_gate_is_asked_before_the_provider(api: Api, parcel: Any, changed: Any) -> None:
    [verdict] = send("postmark", api.url, parcel(**changed))
    assert verdict.permanent
    assert api.asked == []


def test_a_workspaces_account_sends_its_messages(
    acme: Any, api: Api, hello: Any, subscriber: Any, now: Any
) -> None:
    # given Acme's own Postmark account, the default
    ProviderAccount.objects.create(
        kind="postmark",
        label="Postmark",
        credentials={"server_token": "t", "api_url": api.url},
        is_default=True,
        tokens_at=now,
    )
    api.answer = (200, {}, json.dumps(ANSWERS["postmark"][0]).encode())
    ada = subscriber("ada@example.com")
    queue_messages(messages=[NewMessage("one", ada.pk, hello.live_version_id)], now=now)

    # when the lane is drained
    sending.drain(workspace=acme, clock=lambda: now)

    # then it left by the account
    message = Message.objects.get()
    assert (message.status, message.provider_message_id) == ("accepted", "id-1")
    assert json.loads(api.asked[0][2])["To"] == "ada@example.com"


IDEMPOTENT = {"resend": ("Idempotency-Key", {"api_key": "k"}), "brevo": ("", {"api_key": "k"})}


def named_in(asked: tuple[str, dict[str, str], bytes], header: str) -> str:
    """The send id a call was named by: an HTTP header, or Brevo's among the mail's own."""
    _path, headers, body = asked
    return headers[header] if header else json.loads(body)["headers"]["idempotencyKey"]


@pytest.fixture
def doubtful(acme: Any, api: Api, hello: Any, subscriber: Any, now: Any) -> Any:
    """`doubtful(key)`: a message called by such an account, and no answer."""

    def make(key: str) -> Message:
        ProviderAccount.objects.create(
            kind=key,
            label=key,
            credentials={**IDEMPOTENT[key][1], "api_url": api.url},
            is_default=True,
            tokens_at=now,
        )
        api.answer = "cut"
        ada = subscriber("ada@example.com")
        queue_messages(messages=[NewMessage("one", ada.pk, hello.live_version_id)], now=now)
        sending.drain(workspace=acme, clock=lambda: now)
        return Message.objects.get()

    return make


@pytest.mark.parametrize("key", IDEMPOTENT)
def test_a_provider_that_knows_the_send_id_is_asked_again(
    acme: Any, api: Api, doubtful: Any, now: Any, key: str
) -> None:
    # given a call that was cut, to a provider that keeps send ids
    message = doubtful(key)
    assert (message.status, message.reason) == ("retry", "asked_again")
    assert message.due_at == now + timedelta(minutes=1)

    # when it is asked again and answers
    api.answer = (200, {}, json.dumps(ANSWERS[key][0]).encode())
    sending.drain(workspace=acme, clock=lambda: message.due_at)

    # then both calls named the same send, and it is sent
    names = [named_in(asked, IDEMPOTENT[key][0]) for asked in api.asked]
    assert names == [str(message.pk)] * 2
    message.refresh_from_db()
    assert (message.status, message.reason) == ("accepted", "")


def test_a_provider_that_may_have_forgotten_is_not_asked(
    acme: Any, api: Api, doubtful: Any, now: Any
) -> None:
    # given a doubt that nobody came back to before Brevo's memory ended
    message = doubtful("brevo")

    sending.drain(workspace=acme, clock=lambda: now + timedelta(minutes=15))

    # then it is for the owner to say
    message.refresh_from_db()
    assert (message.status, message.reason) == ("in_doubt", "cut_off")
    assert len(api.asked) == 1


def test_doubt_lasts_as_long_as_the_memory_does(
    acme: Any, api: Api, doubtful: Any, now: Any
) -> None:
    # given Brevo, never answering
    message = doubtful("brevo")

    # when each retry comes on time
    clock = message.due_at
    sending.drain(workspace=acme, clock=lambda: clock)
    message.refresh_from_db()
    assert message.due_at == now + timedelta(minutes=6)
    sending.drain(workspace=acme, clock=lambda: message.due_at)

    # then the next one would come too late, and it stays in doubt
    message.refresh_from_db()
    assert message.status == "in_doubt"
    assert len(api.asked) == 3


def test_whoever_left_meanwhile_is_not_asked_for_again(
    acme: Any, api: Api, doubtful: Any, now: Any
) -> None:
    message = doubtful("resend")
    record_consent(
        contact_ids=[message.contact_id], action="unsubscribed", source="one_click", now=now
    )
    sending.drain(workspace=acme, clock=lambda: message.due_at)
    message.refresh_from_db()
    assert (message.status, len(api.asked)) == ("in_doubt", 1)
