"""What a log line may not hold: the tokens that open people's pages."""

import io
import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from config.logs import mask_tokens

TOKEN = "AZ-qn3sTdx4uVtoken_1234567890abcdefghi"


@pytest.fixture
def lines() -> Any:
    """Everything written to the log by the test, as an installation would write it."""
    stream = io.StringIO()
    (formatter,) = settings.LOGGING["formatters"].values()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter["()"](**{k: v for k, v in formatter.items() if k != "()"}))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: stream.getvalue()
    root.removeHandler(handler)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (f"/confirm/{TOKEN}/", "/confirm/***/"),
        (f"/u/{TOKEN}/", "/u/***/"),
        (f"/p/{TOKEN}/", "/p/***/"),
        (f"/r/{TOKEN}/3", "/r/***/3"),
        (f"/o/{TOKEN}.gif", "/o/***.gif"),
        (f"/v/{TOKEN}", "/v/***"),
    ],
)
def test_the_token_of_a_link_is_in_no_line(
    acme_client: Client, lines: Any, path: str, written: str
):
    # when somebody follows a link of a mail, here one that leads nowhere
    response = acme_client.get(path)

    # then the request is in the log, and so is Django's warning, without the token
    assert f"GET {written} {response.status_code}" in lines()
    assert TOKEN not in lines()


def test_tokens_are_masked_wherever_they_stand():
    key = "MQ:1uX9zz:abcdefghijklmnop"
    event = {
        "event": f"Not Found: /confirm-email/{key}/",
        "url": f"https://acme.example/enter?token={TOKEN}&next=/",
        "exception": f"Traceback\n  at http://viaggio.example/password/reset/key/1a-{key}/",
        "count": 3,
    }
    assert mask_tokens(None, "info", event) == {
        "event": "Not Found: /confirm-email/***/",
        "url": "https://acme.example/enter?token=***&next=/",
        "exception": "Traceback\n  at http://viaggio.example/password/reset/key/***/",
        "count": 3,
    }


def test_an_address_without_a_token_is_written_whole():
    event = {"event": "GET /contacts/0193-aa/panels/messages/ 200"}
    assert mask_tokens(None, "info", event) == event
