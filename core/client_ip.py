"""Where a request came from, believing only proxies that are ours."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address; None when the server knows none.

    X-Forwarded-For counts only behind VIAGGIO_TRUSTED_PROXIES proxies: each adds the address it
    was called from at the right end, so that what a client wrote itself stands further left.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        return peer
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _address(hops[-min(proxies, len(hops))]) or peer


def network_of(ip: str | None) -> str:
    """What a limit counts: the address, or for IPv6 the /64 that one household owns."""
    if ip is None:
        return "unknown"
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False))
    return ip


def _address(text: str) -> str | None:
    text = text.strip()
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
