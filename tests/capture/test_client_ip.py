"""Whose address a request has, with and without proxies of ours."""

from typing import Any

import pytest
from django.test import RequestFactory

from core.client_ip import client_ip, network_of


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "", "203.0.113.9"),
        (0, "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        (1, "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (1, "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (0, "::ffff:203.0.113.9", "", "203.0.113.9"),
        (0, "2001:db8::1", "", "2001:db8::1"),
        (0, "", "", None),
    ],
)
def test_only_our_proxies_are_believed(
    settings: Any, proxies: int, peer: str, forwarded: str, expected: str | None
) -> None:
    """BI225"""
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded})
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "unknown"),
    ],
)
def test_a_household_counts_as_one(ip: str | None, network: str) -> None:
    assert network_of(ip) == network
