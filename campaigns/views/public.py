"""What a mail's own links lead to: the click, the pixel, the mail in the browser."""

from base64 import b64decode
from dataclasses import replace

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns import tracking
from campaigns.claims import Claimed
from campaigns.drawing import Studio
from campaigns.models import Message
from campaigns.render import Program, RenderedMessage
from campaigns.tokens import read_message_token
from core.framed import SANDBOX
from tenants.context import current_workspace
from tenants.pages import open_page

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class AnyRedirect(HttpResponseRedirect):
    """A redirect to what the owner linked to; the compiler let only safe schemes through."""

    allowed_schemes = ["http", "https", "mailto", "tel"]


def _message(token: str) -> Message:
    message_id = read_message_token(token)
    message = tracking.find_message(message_id) if message_id else None
    if message is None:
        raise Http404
    return message


def _fetch(request: HttpRequest) -> tracking.Fetch:
    agent = request.headers.get("User-Agent", "")
    return tracking.Fetch(request.method or "GET", agent, timezone.now())


@open_page
@never_cache
@require_safe
def click(request: HttpRequest, token: str, index: int) -> HttpResponse:
    """Lead on to where the link was meant to go."""
    message = _message(token)
    url = tracking.destination(message, index)
    if url is None:
        raise Http404
    tracking.note_click(message=message, index=index, url=url, fetch=_fetch(request))
    return AnyRedirect(url)


@open_page
@never_cache
@require_safe
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The pixel; the same whether the token is good or not."""
    message_id = read_message_token(token)
    message = tracking.find_message(message_id, with_links=False) if message_id else None
    if message is not None:
        tracking.note_open(message=message, fetch=_fetch(request))
    return HttpResponse(PIXEL, content_type="image/gif")


@open_page
@csp_exempt()  # type: ignore[arg-type]  # its types know only views without arguments
@never_cache
@require_safe
def view(request: HttpRequest, token: str) -> HttpResponse:
    """The mail in the browser, filled in for its recipient; opening it here counts nothing."""
    made = draw_for_browser(_message(token))
    if not isinstance(made, RenderedMessage):
        raise Http404
    response = HttpResponse(made.html)
    response["Content-Security-Policy"] = SANDBOX
    return response


def draw_for_browser(message: Message) -> object:
    """The rendered mail without clicks and pixel, or why it cannot be rendered.

    Once it was sent it shows what it showed then, whatever became of prices and carts.
    """
    studio = Studio(current_workspace("A mail"))
    row = Claimed(
        id=message.pk,
        fence=message.fence,
        lane=message.lane,
        contact_id=message.contact_id,
        to_address=message.to_address,
        template_version_id=message.template_version_id,
        account_id=None,
        journey_id=message.journey_id,
        campaign_id=message.campaign_id,
        context=message.context,
        attempts=message.attempts,
        enrolment_id=message.enrolment_id,
        drawn=message.drawn,
    )
    plain = replace(studio.patterns, click="", open="")
    program = Program(studio.program(row.template_version_id).compiled, plain)
    return program.render(studio.recipients([row], now=timezone.now()))[0]
