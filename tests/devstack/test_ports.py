"""A taken port is told before anything starts."""

import socket
from collections.abc import Iterator

import pytest

from devstack.ports import claim_port, is_free
from devstack.problems import Problem


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::1"])  # noqa: S104
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family) as stranger:
        try:
            stranger.bind((request.param, 0))
        except OSError:
            pytest.skip(f"{request.param} is not there on this machine.")
        stranger.listen(1)
        yield stranger.getsockname()[1]


def test_a_taken_port_is_refused_with_another_that_is_free(taken: int) -> None:
    with pytest.raises(Problem) as refused:
        claim_port({"VIAGGIO_PORT": str(taken)}, "VIAGGIO_PORT", 8000)
    sentence, offer = str(refused.value).rsplit("=", 1)
    assert sentence == (
        f"Port {taken} is in use. Stop the program that uses it or choose another: "
        "make run VIAGGIO_PORT"
    )
    assert is_free(int(offer))


def test_a_free_port_is_taken_as_given() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert claim_port({"VIAGGIO_PORT": f" {port} "}, "VIAGGIO_PORT", 8000) == port
    assert claim_port({}, "VIAGGIO_PORT", port) == port


@pytest.mark.parametrize("given", ["abc", "0", "65536", "-1", "80.5", "²"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(Problem, match=f"VIAGGIO_PORT must be a port number.*“{given}”"):
        claim_port({"VIAGGIO_PORT": given}, "VIAGGIO_PORT", 8000)
