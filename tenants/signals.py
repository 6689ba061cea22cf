"""Other people's signals, each turned into one call."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from tenants.hand_over import sign_out_everywhere


@receiver(user_logged_out)
def end_linked_sessions(request: HttpRequest, **kwargs: Any) -> None:
    """Whoever signs out of one host is out of all."""
    if request is not None and request.session.session_key:
        sign_out_everywhere(session_key=request.session.session_key)
