"""Who gets in, and how everybody else is told: one shape, stable codes, no traces of others."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client

from core.api import limits
from core.errors import Retryable
from events.models import Event
from tenants.api_keys import revoke_api_key

CALL = {"type": "call", "identifiers": {"external_id": "1"}}


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "message", "errors"}
    assert response["Content-Type"] == "application/json"
    return response.status_code, body["code"]


def test_without_a_key_the_door_says_how_to_knock(api, integrator, acme):
    # BI095
    response = integrator(acme, None).post("/events", CALL)

    assert refusal(response) == (401, "missing_key")
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert not Event.objects.exists()


def test_a_key_of_acme_is_unknown_on_globex_host(api, integrator, globex):
    # BI092, BI118
    response = integrator(globex, api.token).post("/events", CALL)

    assert refusal(response) == (401, "invalid_key")
    assert response["WWW-Authenticate"].startswith("Bearer")
    for workspace in (api.workspace, globex):
        connection.set_tenant(workspace)
        assert not Event.objects.exists()


def test_revoked_wrong_and_query_string_keys_are_refused(api, integrator, acme, key_of, now):
    # BI093: given a revoked key
    key, revoked = key_of(acme)
    revoke_api_key(key=key, by=None, now=now)
    wrong = api.token[:-1] + ("a" if api.token[-1] != "a" else "b")

    for token in (revoked, wrong, "vg_", api.token + " x"):
        assert refusal(integrator(acme, token).post("/events", CALL)) == (401, "invalid_key")

    # and a key in the address is never looked at
    response = integrator(acme, None).post(f"/events?api_key={api.token}", CALL)
    assert refusal(response) == (401, "missing_key")
    assert not Event.objects.exists()


def test_a_key_without_the_scope_is_refused_by_name(integrator, acme, key_of):
    reader = integrator(acme, key_of(acme, "contacts:read")[1])

    response = reader.post("/events", CALL)

    assert refusal(response) == (403, "missing_scope")
    assert "events:write" in response.json()["message"]
    assert not Event.objects.exists()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "TRACE", "PROPFIND", "OPTIONS"])
def test_other_methods_are_refused_with_those_allowed(api, method):
    # BI101
    response = api(method, "/events")

    assert refusal(response) == (405, "method_not_allowed")
    assert response["Allow"] == "POST"


def test_nothing_at_an_unknown_address(api):
    assert refusal(api.get("/secrets")) == (404, "not_found")


def test_only_json_is_spoken(api):
    response = api.post("/events", CALL, headers={"accept": "text/html"})

    assert refusal(response) == (406, "not_acceptable")
    assert not Event.objects.exists()


def test_an_unknown_parameter_is_refused(api):
    response = api.post("/events?dry_run=1", CALL)

    assert refusal(response) == (400, "unknown_parameter")
    assert response.json()["errors"][0]["field"] == "dry_run"
    assert not Event.objects.exists()


def test_an_unknown_host_is_nothing(api):
    # BI102
    forwarded = api.get("/contacts", headers={"x-forwarded-host": "evil.test"})
    assert forwarded.status_code == 200
    assert "evil" not in forwarded.content.decode()
    response = Client().post("/api/v1/events", headers={"host": "evil.test"})

    assert response.status_code == 404


def test_a_key_over_its_limit_is_told_when_to_come_back(api, integrator, acme, key_of, monkeypatch):
    # BI100, BI131: given a limit of three a minute
    monkeypatch.setattr(limits, "REQUESTS", 3)
    other = integrator(acme, key_of(acme)[1])

    answers = [api.post("/events", CALL) for _each in range(4)]

    # then the fourth is refused, and another key is not
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each["RateLimit-Remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert refusal(answers[3]) == (429, "rate_limited")
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert Event.objects.count() == 3
    assert other.post("/events", CALL).status_code == 200


def test_the_window_of_a_limit_ends(db, monkeypatch, now):
    monkeypatch.setattr(limits, "REQUESTS", 1)
    count = limits.count_request

    assert not count(key_id="a", now=now).is_spent
    assert count(key_id="a", now=now + timedelta(seconds=59)).is_spent
    assert not count(key_id="a", now=now + timedelta(seconds=60)).is_spent


def test_an_unforeseen_error_says_nothing_of_itself(api, monkeypatch):
    # given a defect
    def explode(**_given):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("events.api.ingest_events", explode)
    api.client.raise_request_exception = False

    response = api.post("/events", CALL)

    assert refusal(response) == (500, "server_error")
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize(
    ("error", "code", "seconds"),
    [
        (OperationalError("the connection is closed"), "unavailable", "5"),
        (Retryable("contacts_busy", "Wait a moment."), "contacts_busy", "5"),
        (Retryable("contacts_busy", "Wait a moment.", retry_after=1.2), "contacts_busy", "2"),
    ],
)
def test_what_may_work_later_says_when(api, monkeypatch, error, code, seconds):
    # given a database that went away, or rows that somebody else holds
    def fail(**_given):
        raise error

    monkeypatch.setattr("events.api.ingest_events", fail)

    response = api.post("/events", CALL)

    assert refusal(response) == (503, code)
    assert response["Retry-After"] == seconds
    assert "connection" not in response.content.decode()
