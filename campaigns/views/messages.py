"""The pages of messages: the list, one message, what is in doubt."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_exempt
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from campaigns import listing
from campaigns.forms import MessageFilters
from campaigns.listing import Chosen
from campaigns.models import Campaign, Message
from campaigns.render import RenderedMessage
from campaigns.services import resolve_doubt
from campaigns.tokens import make_message_token
from campaigns.views.public import draw_for_browser
from core.framed import FRAMED
from core.htmx import page_or_partial

DOUBTS_SHOWN = 100


@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """All messages, newest first: ?status=, ?kind=, ?q=, ?contact=, ?template=, ?before=."""
    filters = MessageFilters(request.GET)
    filters.is_valid()
    known = {name: filters.cleaned_data.get(name) for name in filters.fields}
    chosen = Chosen(
        q=known["q"] or "",
        status=known["status"] or "",
        kind=known["kind"],
        contact=known["contact"],
        template=known["template"],
    )
    rows, cursor = listing.page_of(chosen, known["before"])
    counts = listing.counts_by_group(chosen)
    context = {
        "rows": rows,
        "chosen": chosen,
        "groups": [
            {
                "label": label,
                "count": number,
                "url": _url(chosen, status=key),
                "current": key == chosen.status,
            }
            for key, label, number in counts
        ],
        "kinds": Message.Lane.choices,
        "in_doubt": next(number for key, _label, number in counts if key == "in_doubt"),
        "next_url": _url(chosen, before=str(cursor)) if cursor else "",
        "previous_url": _url(chosen) if known["before"] else "",
        "is_narrowed": chosen != Chosen(),
    }
    return page_or_partial(
        request,
        page="campaigns/message_list.html",
        partial="campaigns/_messages.html",
        context=context,
    )


def _url(chosen: Chosen, **changed: str) -> str:
    """The list's address with these filters; empty ones are left out."""
    known: dict[str, Any] = {**vars(chosen), **changed}
    return (
        f"?{urlencode({name: value for name, value in known.items() if value not in ('', None)})}"
    )


@require_safe
def message_detail(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message: where it stands and why, what happened, and the mail itself."""
    found = Message.objects.select_related("contact", "template_version__template", "account")
    message = get_object_or_404(found, pk=message_id)
    context = {
        "message": message,
        "campaign": _campaign_of(message),
        "moments": listing.moments_of(message),
        "token": make_message_token(message.pk),
    }
    return render(request, "campaigns/message_detail.html", context)


def _campaign_of(message: Message) -> Campaign | None:
    if message.campaign_id is None:
        return None
    return Campaign.objects.filter(pk=message.campaign_id).only("name").first()


@csp_exempt()  # type: ignore[arg-type]
@never_cache
@xframe_options_sameorigin
@require_safe
def message_mail(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The mail as its recipient sees it, for the frame on the message's page."""
    made = draw_for_browser(
        get_object_or_404(Message.objects.select_related("template_version"), pk=message_id)
    )
    if isinstance(made, RenderedMessage):
        html = made.html
    else:
        problems = [getattr(made, "message", "")]
        html = render_to_string("campaigns/email/preview.html", {"problems": problems})
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = FRAMED
    return response


@require_safe
def message_doubts(request: HttpRequest) -> HttpResponse:
    """What was being sent when the line was cut; somebody must say what became of it."""
    found = listing.in_doubt()
    number = found.count()
    context = {"rows": found[:DOUBTS_SHOWN], "number": number, "more": number - DOUBTS_SHOWN}
    return render(request, "campaigns/message_doubts.html", context)


@require_POST
def message_resolve(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Send a message in doubt again (`again=1`), or count it as sent."""
    get_object_or_404(Message, pk=message_id)
    again = request.POST.get("again") == "1"
    if resolve_doubt(message_id=message_id, send_again=again, now=timezone.now()):
        text = _("It is sent once more.") if again else _("It counts as sent.")
        messages.success(request, text)
    else:
        messages.warning(request, _("Somebody settled this message already."))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect("campaigns:doubts")
