"""TCP ports, looked at before anything is started."""

import errno
import socket
from collections.abc import Mapping

from devstack.problems import Problem

# A browser asked for localhost tries ::1 first: a stranger there would answer in our place.
LOOPBACKS = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
LAST_PORT = 65535


def claim_port(environment: Mapping[str, str], setting: str, default: int) -> int:
    """The port that `setting` names, free on this machine now; Problem otherwise."""
    given = environment.get(setting, "").strip() or str(default)
    if not given.isdecimal() or not 0 < int(given) <= LAST_PORT:
        raise Problem(f"{setting} must be a port number from 1 to {LAST_PORT}, not “{given}”.")
    port = int(given)
    refusal = _refusal(port)
    if refusal == errno.EACCES:
        raise Problem(
            f"Port {port} is reserved for the administrator. "
            f"Choose one above 1023: make run {setting}={default}"
        )
    if refusal is not None:
        raise Problem(
            f"Port {port} is in use. Stop the program that uses it or choose another: "
            f"make run {setting}={_next_free(port)}"
        )
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of both loopback addresses now."""
    return _refusal(port) is None


def _refusal(port: int) -> int | None:
    for family, host in LOOPBACKS:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                # As servers do; connections of a server that just ended are no obstacle.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return error.errno
            continue  # no IPv6 here
    return None


def _next_free(port: int) -> int:
    """A free port to offer, ten further on so that neighbours keep theirs."""
    for candidate in range(port + 10, LAST_PORT, 10):
        if is_free(candidate):
            return candidate
    return 8000
