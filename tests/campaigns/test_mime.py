"""MIME: what a mail program reads back is, to the letter, what was rendered."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.mime import Skeleton, encoded_header, named_address, quoted_printable
from campaigns.render import Program, RenderedMessage
from core.mailgate import MessageRefused
from tests.campaigns.mails import LINKS, block, from_blocks, from_html, recipient

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SEND_ID = "0190d1c2-7c3b-7aa0-8e4e-0aab00000001"


def skeleton_of(program: Program, **changes: str) -> Skeleton:
    options = {
        "sender_name": "Acme & Co",
        "sender_address": "hello@acme.test",
        "reply_to": "shop@acme.test",
        "feedback_id": "v1:journey:acme:viaggio",
        "message_domain": "mail.acme.test",
    }
    return Skeleton(program, **{**options, **changes})


def sent(program: Program, message: RenderedMessage, *, to: str = "ada@x.test") -> bytes:
    return skeleton_of(program).fill(message, to=to, send_id=SEND_ID, date=NOON)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_headers_are_by_the_book() -> None:
    # given a mail with a plain and an encoded header
    program = Program(from_blocks(block("footer"), subject="Ciao {{ contact.name }}"), LINKS)
    (message,) = program.render([recipient(contact={"name": "Zoë"})])
    assert isinstance(message, RenderedMessage)
    # when it is built and read again
    raw = sent(program, message)
    read = parsed(raw)
    # then
    assert dict(read.items()) == {
        "From": "Acme & Co <hello@acme.test>",
        "Reply-To": "shop@acme.test",
        "Feedback-ID": "v1:journey:acme:viaggio",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_viaggio"',
        "To": "ada@x.test",
        "Subject": "Ciao Zoë",
        "Date": "Fri, 20 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{SEND_ID}@mail.acme.test>",
        "X-Viaggio-Send": SEND_ID,
        "List-Unsubscribe": "<https://acme.test/u/CONSENT>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


def test_a_transactional_mail_has_no_unsubscribe_headers() -> None:
    program = Program(from_blocks(block("footer")), LINKS)
    (message,) = program.render([recipient()])
    raw = skeleton_of(program).fill(
        message, to="ada@x.test", send_id=SEND_ID, date=NOON, one_click=False
    )
    assert parsed(raw)["List-Unsubscribe"] is None


PROGRAM = Program(
    from_html(
        "<p>{{ a }}</p><p>.{{ b }} è così {{ a }}{{ b }}</p><pre>\n.\n..dots\n{{ c }}</pre>",
        subject="-{{ s }}-",
        text="{{ a }}\n.{{ b }}\n{{ c }}{{ c }}\n.",
    ),
    LINKS,
)
SKELETON = skeleton_of(PROGRAM)
VALUES = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=". =\t\r\nFromé🧑‍🍳", max_size=200),
    st.integers(0, 400).map("x".__mul__),
    st.integers(0, 200).map(" ".__mul__),
)


@given(a=VALUES, b=VALUES, c=VALUES, s=st.text(max_size=200))
def test_every_text_comes_back_to_the_letter(a: str, b: str, c: str, s: str) -> None:
    (message,) = PROGRAM.render([recipient(a=a, b=b, c=c, s=s)])
    assert isinstance(message, RenderedMessage)
    raw = SKELETON.fill(message, to="ada@x.test", send_id=SEND_ID, date=NOON)
    # then every line is short and none starts with a dot
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") for line in lines)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    # and the texts are those that were rendered
    read = email.message_from_bytes(raw)
    plain, html = (part.get_payload(decode=True).decode() for part in read.get_payload())
    values = [unix(value) for value in message.values]
    assert unix(plain) == PROGRAM.text.text(values)
    assert unix(html) == PROGRAM.html.text(values)
    assert parsed(raw)["Subject"] == message.subject


@given(st.text())
def test_quoted_printable_is_what_the_standard_library_reads(text: str) -> None:
    import quopri

    encoded = quoted_printable(text)
    assert unix(quopri.decodestring(encoded).decode()) == unix(text)
    assert max(map(len, encoded.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("length", range(70, 82))
@pytest.mark.parametrize("character", ["x", "è", " ", "."])
def test_a_line_that_is_just_full_leaves_room_for_its_soft_break(
    length: int, character: str
) -> None:
    import quopri

    text = character + "x" * (length - 2) + character
    encoded = quoted_printable(text)
    last = encoded.split(b"\r\n")[-1]
    assert len(last) <= 75
    assert not last.startswith(b".")
    assert quopri.decodestring(encoded).decode() == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=255))
def test_encoded_headers_fold_and_come_back(text: str) -> None:
    folded = encoded_header(text)
    assert all(len(line) <= 76 for line in folded.split("\r\n "))
    if folded != text:
        from email.header import decode_header, make_header

        assert str(make_header(decode_header(folded))) == text


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("", "a@x.test"),
        ("Acme", "Acme <a@x.test>"),
        ("Acme, Inc.", '"Acme, Inc." <a@x.test>'),
        ('The "Shop"', '"The \\"Shop\\"" <a@x.test>'),
        ("Caffè", "=?utf-8?b?Q2FmZsOo?=\r\n <a@x.test>"),
    ],
)
def test_a_senders_name_is_quoted_as_it_needs(name: str, header: str) -> None:
    assert named_address(name, "a@x.test") == header


@pytest.mark.parametrize("to", ["a@x.com\r\nBcc: evil@x.test", "a@x.com, evil@x.test", ""])
def test_a_bad_recipient_never_becomes_bytes(to: str) -> None:
    (message,) = PROGRAM.render([recipient(s="x")])
    with pytest.raises(MessageRefused):
        sent(PROGRAM, message, to=to)


def test_a_sender_with_a_line_break_is_refused_at_once() -> None:
    with pytest.raises(MessageRefused, match="line_break"):
        skeleton_of(PROGRAM, sender_name="Acme\r\nBcc: evil@x.test")


def test_a_line_break_in_a_value_cannot_leave_the_subject() -> None:
    (message,) = PROGRAM.render([recipient(s="Hi\r\nBcc: evil@x.test")])
    assert parsed(sent(PROGRAM, message))["Bcc"] is None
    assert message.subject == "-Hi Bcc: evil@x.test-"
