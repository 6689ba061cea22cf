"""Foreign HTML inside a frame of our own pages."""

from django.http import HttpResponse

# An opaque origin without scripts: whatever an owner wrote, it runs in nobody's name.
SANDBOX = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation;"
    " default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'"
)
FRAMED = SANDBOX + "; frame-ancestors 'self'"


def framed(html: str, status: int = 200) -> HttpResponse:
    """The answer for a frame; the view is exempt from the policy of our own pages."""
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = FRAMED
    return response
