"""The address a request comes from; X-Forwarded-For counts only behind our own proxies."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's IP address in canonical form; None when there is none to be had.

    With TRUSTED_PROXIES = n the n-th entry of X-Forwarded-For from the right counts: the one our
    outermost proxy wrote. What stands left of it was sent by the client and may say anything.
    """
    found = request.META.get("REMOTE_ADDR") or ""
    if settings.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        found = hops[-min(settings.TRUSTED_PROXIES, len(hops))].strip() or found
    try:
        return str(ip_address(found))
    except ValueError:
        return None


def limited_address(request: HttpRequest) -> str:
    """What to count a client by: its IPv4 address, or the /64 an IPv6 household owns."""
    found = client_address(request)
    if found is None:
        return "unknown"
    address = ip_address(found)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return found
