"""The gate: what it cleans, what it refuses, and that nothing it lets through breaks a header."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mailgate import AddressError, MessageRefused, check_message, clean_address

CASES = {
    case["id"]: case
    for line in (Path(__file__).parents[1] / "cases" / "email_address.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
    for case in [json.loads(line)]
}
ACCEPTED = {
    "BI046": "user@xn--r8jz45g.jp",
    "BI047": "a@xn--fa-hia.de",
    "BI054": "a@x.com",
    "BI067": "o'brien@x.com",
}
CODES = {"BI048": "eai_unsupported"}


@pytest.mark.parametrize("case_id", sorted(CASES))
def test_every_bad_address_gets_its_answer(case_id: str) -> None:
    # given one of the collected inputs
    text = CASES[case_id]["input"]
    if case_id in ACCEPTED:
        # then it is accepted in its clean form
        assert clean_address(text) == ACCEPTED[case_id]
        return
    # then it is refused with a code and a sentence
    with pytest.raises(AddressError) as refused:
        clean_address(text)
    assert refused.value.code == CODES.get(case_id, "invalid_email")
    assert refused.value.message.endswith(".")
    assert "<" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Enter an email address."),
        ("ada", "needs an @"),
        ("@x.com", "Nothing stands before"),
        ("user@localhost", "needs a dot"),
        ("Bob <b@x.com>", "a field of its own"),
        ("a@x.com, b@x.com", "one address only"),
        ("a..b@x.com", "two dots"),
        ("a@[127.0.0.1]", "not a number"),
        ('"a b"@x.com', "does not look like"),
        ("a@x.com\x00", "control character"),
    ],
)
def test_the_sentence_names_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(AddressError, match=words):
        clean_address(text)


def test_a_local_part_beyond_ascii_passes_only_where_allowed() -> None:
    assert clean_address("пример@почта.рф", allow_eai=True) == "пример@xn--80a1acny.xn--p1ai"


@given(st.text(max_size=80))
def test_no_text_gets_through_in_a_shape_that_breaks_a_header(text: str) -> None:
    for candidate in (text, f"{text}@example.com", f"ada@{text}.com", f"ada@example.com{text}"):
        try:
            cleaned = clean_address(candidate)
        except AddressError:
            continue
        assert cleaned.isascii()
        assert cleaned.isprintable()
        assert cleaned.count("@") == 1
        assert not set(cleaned) & set(' ,;<>"()[]\\')
        assert clean_address(cleaned) == cleaned


GOOD = {
    "to": "ada@acme.test",
    "sender": "Acme <hello@acme.test>",
    "reply_to": "hello@acme.test",
    "subject": "Welcome",
    "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "X-Viaggio-Send": "1"},
}


def test_an_ordinary_message_may_leave() -> None:
    assert check_message(**GOOD) is None
    assert check_message(**{**GOOD, "subject": "Però, che novità 🎉", "reply_to": None}) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "a@x.com\r\nBcc: evil@x.test"}, "invalid_email"),
        ({"to": "a@x.com, evil@x.test"}, "invalid_email"),
        ({"to": " a@x.com"}, "invalid_email"),
        ({"to": "пример@почта.рф"}, "eai_unsupported"),
        ({"sender": "Acme\r\nBcc: e@x.test <hello@acme.test>"}, "line_break"),
        ({"sender": "Acme <hello@localhost>"}, "invalid_email"),
        ({"reply_to": "hello@acme.test\nX: y"}, "line_break"),
        ({"subject": "Hi\nBcc: evil@x.test"}, "line_break"),
        ({"subject": "Hi\rthere"}, "line_break"),
        ({"subject": "Hi\x00"}, "line_break"),
        ({"subject": "Hi\u2028there"}, "line_break"),
        ({"subject": "x" * 256}, "subject_too_long"),
        ({"subject": "  "}, "subject_empty"),
        ({"headers": {"Bcc": "evil@x.test"}}, "header_forbidden"),
        ({"headers": {"cc": "evil@x.test"}}, "header_forbidden"),
        ({"headers": {"To": "evil@x.test"}}, "header_forbidden"),
        ({"headers": {"Content-Type": "text/html"}}, "header_forbidden"),
        ({"headers": {"X-A": "1\r\nBcc: evil@x.test"}}, "line_break"),
        ({"headers": {"X A": "1"}}, "header_name"),
        ({"headers": {"X-A\r\nBcc": "1"}}, "header_name"),
        ({"headers": [("X-A", "1"), ("x-a", "2")]}, "header_twice"),
        ({"headers": {"X-A": "x" * 994}}, "header_too_long"),
    ],
)
def test_a_message_that_could_be_read_otherwise_never_leaves(change: dict, code: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        check_message(**{**GOOD, **change})
    assert refused.value.code == code
