"""What is no good JSON is refused at the door, with the field or the place, and never a 500."""

import gzip
import io
import json

import pytest

from core.api.errors import ApiRefusal
from core.api.json_body import BODY_LIMIT, cut_deep, decode_json, read_body, value_problem
from events.models import Event


def compressed(text):
    """Gzip without the time of day, so that every test process names its cases alike."""
    return gzip.compress(text, mtime=0)


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "message", "errors"}
    fields = [error.get("field") for error in body["errors"]]
    return response.status_code, body["code"], fields


def test_broken_json_names_its_place(api):
    # BI073
    response = api.post("/events", b'{"email": "a@x.com"')

    assert refusal(response) == (400, "invalid_json", [])
    assert "byte 19" in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"", None),
        (b'{"a":1}x', "byte 8"),
        (b'{"a":\n\n oops}', "line 3"),
        (b"\xef\xbb\xbf{}", "byte 0"),
    ],
)
def test_other_broken_json(body, position):
    with pytest.raises(ApiRefusal) as refused:
        decode_json(body)

    assert refused.value.get_codes() == "invalid_json"
    assert position is None or position in str(refused.value.detail)


@pytest.mark.parametrize("body", [b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\\ud800"}'])
def test_text_that_is_not_unicode_is_refused(api, body):
    assert refusal(api.post("/events", body))[:2] == (400, "invalid_json")


def test_text_plain_is_refused(api):
    # BI075
    response = api.post("/events", b"{}", content_type="text/plain")

    assert refusal(response) == (415, "unsupported_media_type", [])


def test_another_charset_is_refused(api):
    body = '{"type":"caffè"}'.encode("latin-1")

    response = api.post("/events", body, content_type="application/json; charset=latin-1")

    assert refusal(response) == (415, "unsupported_charset", [])


def test_utf_8_may_be_named(api):
    body = b'{"type": "call", "identifiers": {"external_id": "1"}}'

    response = api.post("/events", body, content_type='application/json; charset="UTF-8"')

    assert response.status_code == 200


def test_gzip_is_understood(api):
    body = compressed(b'{"type": "call", "identifiers": {"external_id": "1"}}')

    response = api.post("/events", body, headers={"content-encoding": "gzip"})

    assert response.status_code == 200
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"this is no gzip",
        compressed(b'{"type": "call"}')[:-4],
        compressed(b'{"type": "call"}') + b"more",
        compressed(b"{}")[:10] + b"\xff" * 20,
    ],
)
def test_broken_gzip_is_refused(api, body):
    # BI076
    response = api.post("/events", body, headers={"content-encoding": "gzip"})

    assert refusal(response) == (400, "invalid_gzip", [])


def test_inflating_stops_at_the_limit():
    # BI077: given 1 GB in 1 MB, and a stream that counts what is read of it
    bomb = compressed(bytes(64 * 1024 * 1024)) * 1
    stream = io.BytesIO(bomb)

    with pytest.raises(ApiRefusal) as refused:
        read_body(stream, {"HTTP_CONTENT_ENCODING": "gzip"})

    # then it was given up long before the end: 5 MB of zeros are a few kB
    assert (refused.value.status_code, refused.value.get_codes()) == (413, "body_too_large")
    assert stream.tell() <= 64 * 1024


def test_a_gzip_bomb_is_refused(api):
    response = api.post(
        "/events", compressed(b" " * (BODY_LIMIT + 1)), headers={"content-encoding": "gzip"}
    )

    assert refusal(response) == (413, "body_too_large", [])


def test_a_large_body_is_refused(api):
    response = api.post("/events", b'"' + b"x" * BODY_LIMIT + b'"')

    assert refusal(response) == (413, "body_too_large", [])


def test_other_encodings_are_refused(api):
    response = api.post("/events", b"{}", headers={"content-encoding": "br"})

    assert refusal(response) == (415, "unsupported_encoding", [])


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_words_for_numbers_are_refused(api, number):
    # BI078
    response = api.post("/events", b'{"a":' + number + b"}")

    assert refusal(response) == (400, "invalid_number", [])


def test_a_number_beyond_all_bounds_is_refused_by_name(api):
    # BI078
    response = api.post("/events", b'{"data": {"a": [1, 1e400]}}')

    assert refusal(response) == (400, "invalid_number", ["data.a.1"])


@pytest.mark.parametrize(
    ("number", "field"), [(b"9223372036854775808", "data.a"), (b"9" * 30, "data.a")]
)
def test_an_integer_out_of_range_is_refused_by_name(api, number, field):
    # BI084
    response = api.post("/events", b'{"data": {"a": ' + number + b"}}")

    assert refusal(response) == (400, "out_of_range", [field])


def test_an_integer_of_thousands_of_digits_is_refused(api):
    response = api.post("/events", b'{"data": {"a": ' + b"9" * 5000 + b"}}")

    assert refusal(response) == (400, "out_of_range", [])


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"a":' * 5000,
        b'["' + b'\\"' * 1_000_000,
        b"[[" * 40 + b'"' + b"\\" * 1_000_001,
    ],
)
def test_deep_and_hostile_text_is_refused_fast(api, body):
    # BI080
    response = api.post("/events", body)

    assert refusal(response)[0] == 400
    assert refusal(response)[1] in {"too_deep", "invalid", "invalid_json"}
    assert not Event.objects.exists()


def test_deep_values_are_told_from_shallow_ones():
    assert value_problem(json.loads("[" * 32 + "]" * 32)) is None
    problem = value_problem(json.loads('{"data":' + "[" * 32 + "]" * 32 + "}"))
    assert (problem.code, problem.field) == ("too_deep", "data")


def test_deep_text_is_cut_without_touching_the_rest():
    # given brackets inside texts, which are no nesting
    text = b'{"a": "[[[[{{{{", "b": ' + b"[" * 60 + b"1" + b"]" * 60 + b', "c": "]]"}'

    cut, was_deep = cut_deep(text)

    assert was_deep
    value = json.loads(cut)
    assert (value["a"], value["c"]) == ("[[[[{{{{", "]]")
    assert cut_deep(b'{"a": "' + b"[" * 100 + b'"}') == (b'{"a": "' + b"[" * 100 + b'"}', False)


def test_a_nul_character_is_refused_by_name(api):
    # BI081
    assert refusal(api.post("/events", b'{"name":"\\u0000"}')) == (400, "nul_character", ["name"])


def test_fields_nobody_knows_are_refused(api):
    # BI085
    response = api.post(
        "/events",
        {
            "type": "call",
            "identifiers": {"email": "a@x.com"},
            "is_staff": True,
            "tenant": "other",
            "schema_name": "other",
        },
    )

    assert refusal(response) == (400, "unknown_field", ["is_staff", "schema_name", "tenant"])
    assert not Event.objects.exists()


def test_a_body_cut_half_way_stores_nothing(api):
    # BI132: given a batch whose connection broke after the first event
    body = json.dumps(
        {"events": [{"type": "call", "identifiers": {"external_id": "1"}}] * 2}
    ).encode()

    response = api.post("/events/bulk", body, **{"wsgi.input": io.BytesIO(body[:70])})

    assert response.status_code == 400
    assert not Event.objects.exists()


def test_a_body_without_its_length_is_refused(api):
    response = api.post(
        "/events", None, headers={"transfer-encoding": "chunked"}, CONTENT_LENGTH=""
    )

    assert refusal(response) == (411, "length_required", [])


@pytest.mark.parametrize("body", [b"5", b'"text"', b"null", b"[]", b"true"])
def test_a_body_that_is_no_object_is_refused(api, body):
    for path in ("/events", "/events/bulk"):
        assert refusal(api.post(path, body))[0] == 400
