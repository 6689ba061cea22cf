"""The test walk: who goes which way, what they would get, and what if they did something else."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from contacts.models import Contact
from core.errors import Retryable
from core.framed import framed
from journeys.contracts import RehearsedMessage
from journeys.definition import Definition
from journeys.models import Journey
from journeys.tree import View, draw
from journeys.views.frame import contact_url, draft_of, frame, live_of, load_journey
from journeys.walkthrough.asked import LOCAL, Asked, read
from journeys.walkthrough.choices import changed
from journeys.walkthrough.people import next_after
from journeys.walkthrough.telling import Line, Told, offers_of, tell
from journeys.walkthrough.walk import Walked, walk_through

FOUND = 12


class Address:
    """The page's own address with something else in it."""

    def __init__(self, request: HttpRequest) -> None:
        self.pairs = [
            (name, value) for name, values in request.GET.lists() for value in values if value
        ]

    def without(self, *names: str) -> list[tuple[str, str]]:
        """What stands in it, but for these; for the hidden fields of a form."""
        return [pair for pair in self.pairs if pair[0] not in names]

    def url(self, path: str = "", drop: tuple[str, ...] = (), **changes: Any) -> str:
        """With these changed; "" leaves one out, a list gives several."""
        pairs = self.without(*changes, *drop)
        for name, value in changes.items():
            many = value if isinstance(value, list) else [value]
            pairs += [(name, str(each)) for each in many if each]
        # Where the walk waits for a choice, if it does.
        return f"{path}?{urlencode(pairs)}{'#now' if ('pause', '1') in pairs else ''}"


@require_safe
def walk(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The picture with their way in it, and the same as a dated list."""
    journey = load_journey(journey_id)
    asked, walked = _walked(request, journey)
    address = Address(request)
    told = _told(asked, walked)
    context = {
        **frame(request, journey, mode="test"),
        "asked": asked,
        "told": told,
        "steps": draw(asked.definition, _view(told)),
        "runs": [_lines(lines, address) for lines in ([told.lines, *told.further] if told else [])],
        **_person_context(request, asked, address),
        **_switches(request, asked, walked, address),
        **_reading(request, walked, address, journey),
    }
    return render(request, "journeys/walk.html", context, status=422 if asked.refusals else 200)


@csp_exempt()  # type: ignore[arg-type]
@never_cache
@xframe_options_sameorigin
@require_safe
def walk_mail(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """One mail of the walk, for the frame beside it."""
    _asked, walked = _walked(request, load_journey(journey_id))
    message = _chosen(request, walked)
    if message is None or message.drawn is None:
        raise Http404
    return framed(message.drawn.html)


def _walked(request: HttpRequest, journey: Journey) -> tuple[Asked, Walked | None]:
    now = timezone.now()
    asked = read(request.GET, journey, _versions(journey), now)
    if asked.plan is None:
        return asked, None
    try:
        return asked, walk_through(asked.plan)
    except Retryable as busy:
        asked.refusals.append(busy.message)
        return asked, None


def _versions(journey: Journey) -> dict[str, Definition]:
    """What can be walked: the draft first, unless it is what runs."""
    draft, live = draft_of(journey), live_of(journey)
    return {"draft": draft, "live": live} if live else {"draft": draft}


def _told(asked: Asked, walked: Walked | None) -> Told | None:
    if walked is None or asked.contact is None:
        return None
    name = asked.contact.first_name or asked.contact.name
    return tell(walked, asked.definition, name=name, zone=asked.zone)


def _view(told: Told | None) -> View:
    if told is None:
        return View(mode="test")
    return View(mode="test", reached=told.reached, lanes_taken=told.lanes_taken)


def _lines(lines: Any, address: Address) -> list[dict[str, Any]]:
    return [
        {
            "line": line,
            "letters": [
                {"letter": each, "url": address.url(read=str(each.number))} for each in line.letters
            ],
            "points": _points(line, address),
        }
        for line in lines
    ]


def _points(line: Line, address: Address) -> list[dict[str, Any]]:
    chosen = [value for name, value in address.pairs if name == "do"]
    return [
        {
            "point": point,
            "offers": [
                {**each, "url": address.url(do=changed(chosen, point.number, each["offer"].token))}
                for each in offers_of(point)
            ],
        }
        for point in line.points
    ]


def _person_context(request: HttpRequest, asked: Asked, address: Address) -> dict[str, Any]:
    """Who walks, and how to choose somebody else."""
    text = request.GET.get("q", "")[:100]
    person = ("who", "q", "read", "do", *asked.invented_form.fields)
    found = Contact.objects.search(text).order_by("-created_at", "-id")[:FOUND]
    is_real = asked.contact is not None and not (asked.plan and asked.plan.invented)
    another = next_after(asked.contact) if asked.contact and is_real else None
    return {
        "q": text,
        "found": [
            {"contact": each, "url": address.url(drop=person, who=str(each.pk))} for each in found
        ],
        "kept_by_search": address.without("q", "read"),
        "kept_by_invented": address.without(*person),
        "kept_by_start": address.without("entry", "at", "payload", "of", "q", "read"),
        "contact_url": contact_url(asked.contact.pk) if asked.contact and is_real else "",
        "another_url": address.url(drop=person, who=str(another)) if another else "",
        "chooses": bool(text or asked.refusals or "choose" in request.GET),
    }


def _switches(
    request: HttpRequest, asked: Asked, walked: Walked | None, address: Address
) -> dict[str, Any]:
    now = timezone.now().astimezone(asked.zone).strftime(LOCAL)
    guards_off, pauses = request.GET.get("guards") == "off", request.GET.get("pause") == "1"
    runs = walked.rehearsed.runs if walked else ()
    return {
        "again_url": address.url(drop=("do", "read", "q"), at=now),
        "guards_off": guards_off,
        "guards_url": address.url(drop=("read",), guards="" if guards_off else "off"),
        "pauses": pauses,
        "pause_url": address.url(drop=("read",), pause="" if pauses else "1"),
        "held_url": address.url(held="off") if any(run.held_out for run in runs) else "",
        "versions": [
            {
                "label": {"draft": _("Draft"), "live": _("Live")}[name],
                "url": address.url(drop=("read",), of=name),
                "current": name == asked.of,
            }
            for name in (["draft", "live"] if asked.has_live else [])
        ],
    }


def _chosen(request: HttpRequest, walked: Walked | None) -> RehearsedMessage | None:
    """The message of the number the address asks to read."""
    number = request.GET.get("read", "")
    messages = walked.rehearsed.messages if walked else ()
    if not (number.isascii() and number.isdigit() and int(number[:6]) < len(messages)):
        return None
    return messages[int(number[:6])]


def _reading(
    request: HttpRequest, walked: Walked | None, address: Address, journey: Journey
) -> dict[str, Any]:
    message = _chosen(request, walked)
    if message is None or message.drawn is None:
        return {"reading": None}
    path = reverse("journeys:walk_mail", args=[journey.pk])
    return {
        "reading": message,
        "mail_url": address.url(path=path),
        "back_url": address.url(read=""),
    }
