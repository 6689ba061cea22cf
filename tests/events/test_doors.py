"""What every door for webhooks answers, whoever stands behind it."""

import gzip
import json

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from core.api.errors import ApiRefusal
from events.doors import body_of, inbound_door
from tenants.pages import is_open_page


@inbound_door
def door(request, answer="ok"):
    if answer == "refuse":
        raise ApiRefusal("bad_signature", "The signature is wrong.", status=401)
    if answer == "missing":
        raise Http404
    return HttpResponse(body_of(request))


@pytest.fixture
def factory():
    return RequestFactory()


def test_it_is_open_and_needs_no_cookie():
    assert is_open_page(door)
    assert door.csrf_exempt


def test_head_is_answered_and_other_methods_are_not(factory):
    assert door(factory.head("/")).status_code == 200
    for method in ("get", "put", "delete", "options"):
        answer = door(getattr(factory, method)("/"))
        assert (answer.status_code, answer["Allow"]) == (405, "POST, HEAD")
        assert json.loads(answer.content)["code"] == "method_not_allowed"


def test_the_body_comes_as_it_was_sent(factory):
    assert door(factory.generic("POST", "/", b"\xff{")).content == b"\xff{"
    packed = factory.generic(
        "POST", "/", gzip.compress(b"{}"), headers={"content-encoding": "gzip"}
    )
    assert door(packed).content == b"{}"


def test_a_body_beyond_5_mb_is_refused_in_words(factory):
    limit = 5 * 1024 * 1024
    assert door(factory.generic("POST", "/", b"x" * limit)).status_code == 200
    answer = door(factory.generic("POST", "/", b"x" * (limit + 1)))
    assert answer.status_code == 413
    told = json.loads(answer.content)
    assert (told["code"], told["errors"]) == ("body_too_large", [])


def test_refusals_speak_json(factory):
    answer = door(factory.post("/"), answer="refuse")
    assert answer.status_code == 401
    assert json.loads(answer.content) == {
        "code": "bad_signature",
        "message": "The signature is wrong.",
        "errors": [],
    }
    assert door(factory.post("/"), answer="missing").status_code == 404
