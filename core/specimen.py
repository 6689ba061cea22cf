"""Every component on one page, with made-up figures: for those who build pages.

More pages show the journey tree, a hosted page, the door and the front of the public site.
"""

from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.functional import lazystr

from core import charts
from core.navigation import Group, Link, Pill

COLOURS = [
    *("bg", "surface", "surface-3", "line-strong", "text-3", "text"),
    *("brand-solid", "brand-soft-2", "brand-soft", "accent", "accent-soft", "ink"),
    *("ok", "ok-soft", "warn", "warn-soft", "bad", "bad-soft", "info", "info-soft"),
    *("k-logic", "k-logic-soft", "k-data", "k-data-soft", "c1", "c2", "c3", "c4", "c5", "c-prev"),
]
REVENUE = [62, 70, 55, 81, 96, 128, 104, 78, 84, 72, 90, 118, 149, 131, 92, 88, 97, 104, 121, 152]
BEFORE = [58, 64, 66, 70, 78, 101, 96, 70, 68, 75, 82, 94, 112, 108, 84, 80, 76, 88, 98, 119]
ROWS = [
    (
        "Maya Lindqvist",
        "maya@example.com",
        ["sourdough", "first-order"],
        "412.50",
        "ok",
        "Subscribed",
    ),
    ("Tom Hargreave", "tom@example.com", ["collection queue"], "18.00", "ok", "Subscribed"),
    ("Jonas Weir", "jonas@example.com", [], "96.40", "", "Unsubscribed"),
    ("Priyanka Shah", "pri@example.com", ["wholesale"], "0.00", "warn", "Not confirmed"),
    ("Hannah Frost", "hannah@example.com", ["sourdough"], "341.75", "bad", "Bounced"),
]


class SpecimenForm(forms.Form):
    """One field of each kind; sent empty it shows what errors look like."""

    sender = forms.CharField(label="Sender name", help_text="People see this in their inbox.")
    reply_to = forms.EmailField(label="Reply-to address")
    slug = forms.SlugField(label="Address", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    plan = forms.ChoiceField(
        label="When",
        choices=[("now", "At once"), ("day", "Next morning")],
        widget=forms.RadioSelect,
    )
    channels = forms.MultipleChoiceField(
        label="Channels",
        choices=[("email", "Email"), ("sms", "SMS")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("it", "Italiano")])
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    contacts = forms.FileField(label="File", required=False, help_text="CSV, at most 50 MB.")
    agreed = forms.BooleanField(label="I have the consent of these people")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].widget.suffix = ".viaggio.example"


def specimen(request: HttpRequest) -> HttpResponse:
    """All components; a toast says how messages look."""
    messages.success(request, "Tag added to 3 contacts")
    sent = SpecimenForm(
        {"sender": "Harbour & Crumb", "reply_to": "hello@harbour"}, auto_id="sent_%s"
    )
    context = {
        "colours": COLOURS,
        "form": SpecimenForm(initial={"sender": "Harbour & Crumb"}),
        "sent": sent,
        "rows": ROWS,
        "line": charts.line(
            title="Revenue from messages per day: 1,962, 18% above the 20 days before",
            values=REVENUE,
            previous=BEFORE,
            labels=[(0, "25 Oct"), (7, "1 Nov"), (14, "8 Nov"), (19, "Today")],
            marks=[charts.Mark(5, "Half-term bakes, 30 Oct"), charts.Mark(12, "Parkin, 6 Nov")],
        ),
        "bars": charts.bars(
            title="Revenue by week",
            values=[84, 132, 118, 171, 149, 205, 267],
            labels=["6 Oct", "13", "20", "27", "3 Nov", "10", "17"],
        ),
        "kpis": [
            ("Active contacts", "2,418", "+141", "up", charts.spark([20, 21, 21, 23, 24, 26, 29])),
            ("Click rate", "4.1%", "+0.4 pts", "up", charts.spark([3.5, 3.4, 3.9, 3.7, 4.1])),
            ("Review score", "4.7", "38 reviews", "flat", charts.spark([4.7, 4.6, 4.7, 4.7])),
            ("NPS", "52", "−3", "down", charts.spark([56, 57, 55, 56, 53, 52])),
        ],
        "ring": charts.ring(67, label="4 of 6 done"),
        "split": charts.stacked([91, 7], label="91% done, 7% in progress", css="jprog"),
        "table_rows": list(zip(["6 Oct", "13 Oct", "20 Oct"], [84, 132, 118], strict=True)),
        "table_headers": ["Week", "Revenue"],
        "stats": [("Spent", "£412.50"), ("Orders", "11"), ("Average order", "£37.50")],
        "segments": [
            {"label": "Numbers", "url": "?", "current": True},
            {"label": "Per cent", "url": "?as=percent"},
        ],
        "tabs": [
            {"label": "Overview", "url": "?", "current": True},
            {"label": "Messages", "url": "?tab=messages", "count": 12},
            {"label": "Settings", "url": "?tab=settings", "icon": "settings"},
        ],
    }
    return render(request, "ui/specimen.html", {**context, **_shell()})


def specimen_journey(request: HttpRequest) -> HttpResponse:
    """The journey tree with numbers, or with `?mode=path` one person's way through it."""
    mode = "path" if request.GET.get("mode") == "path" else "report"
    context = {"journey_name": "Welcome new subscribers", "steps": _steps(), "mode": mode}
    funnel = [("Entered", "1,842", 100, 1), ("Delivered", "1,821", 98.9, 1),
              ("Opened", "1,064", 58.4, 1), ("Clicked", "395", 21.7, 1),
              ("Ordered", "148", 8.1, 2)]  # fmt: skip
    return render(request, "ui/specimen_journey.html", {**context, "funnel": funnel, **_shell()})


def specimen_hosted(request: HttpRequest) -> HttpResponse:
    """A hosted page in the business's colour, `?colour=rrggbb`."""
    workspace = SimpleNamespace(
        name="Harbour & Crumb",
        brand_colour="#" + request.GET.get("colour", "8a3d12"),
        postal_address="4 Quay Street, Bristol BS1",
    )
    form = SpecimenForm({"sender": "Maya"}) if "sent" in request.GET else SpecimenForm()
    return render(request, "ui/specimen_hosted.html", {"workspace": workspace, "form": form})


def specimen_public(request: HttpRequest) -> HttpResponse:
    """The door of the public site."""
    return render(request, "ui/specimen_public.html", {"form": SpecimenForm()})


def specimen_landing(request: HttpRequest) -> HttpResponse:
    """The first page of the public site."""
    return render(request, "landing.html", {"sign_up_url": "#sign-up", "sign_in_url": "#sign-in"})


def _shell() -> dict[str, Any]:
    """A side bar like a real one, without asking the database."""
    start = [("home", "Home", "house"), ("contacts", "Contacts", "users")]
    engage = [("journeys", "Journeys", "route"), ("campaigns", "Campaigns", "send")]
    listen = [("reviews", "Reviews", "star")]
    pills = {"journeys": Pill("4", "live"), "reviews": Pill("3", "to answer", hot=True)}
    groups = [
        Group(title, [Link(key, lazystr(label), icon, f"#{key}", pills.get(key), key == "contacts")
                      for key, label, icon in entries])
        for title, entries in (("", start), ("Engage", engage), ("Listen", listen))
    ]  # fmt: skip
    return {
        "navigation": groups,
        "workspace": SimpleNamespace(name="Harbour & Crumb", slug="harbour-crumb"),
        "other_workspaces": [SimpleNamespace(name="Quay Books", url="#quay")],
        "usage": {"used": "2,418", "label": "of 5,000 contacts", "percent": 48},
    }


def _step(key: str, family: str, label: str, icon: str, title: str, **more: Any) -> dict[str, Any]:
    known = {"id": key, "family": family, "type_label": label, "icon": icon, "title": title}
    count = more.pop("count", 0)
    return {**known, "url": f"#inspect-{key}", "flow_class": charts.flow_class(count, 1842), **more}


def _lane(label: str, count: int, percent: str, steps: list[Any], **more: Any) -> dict[str, Any]:
    flow = charts.flow_class(count, 1842)
    return {"label": label, "count": f"{count:,}", "percent": percent, "flow_class": flow,
            "joins": False, "steps": steps, **more}  # fmt: skip


def _steps() -> list[dict[str, Any]]:
    people = "#people"
    inner = _step(
        "b2", "logic", "If / else", "split", "Clicked any link?", at="day 5", count=1125, end=True,
        summary="In the last 5 days", reached=7,
        lanes=[
            _lane("Yes", 168, "14.9%", [
                _step("m4", "message", "SMS", "message-square-text", "Your 10% ends tonight",
                      at="day 5", summary="“Hi Maya, your 10% off ends…”", count=168, end=True,
                      metrics=[("Sent", "166", people), ("Clicked", "22.9%", people)]),
            ]),
            _lane("No", 957, "85.1%", [
                _step("x1", "exit", "Exit", "log-out", "Exit to monthly news", small=True,
                      count=957, end=True, reached=8),
            ], reached=True),
        ],
    )  # fmt: skip
    bought = [
        _step("t1", "data", "Tag", "tag", "Add tag “first-order”", small=True, count=612,
              flow_label="612 →", flow_url=people),
        _step("w2", "wait", "Wait", "clock", "Wait 5 days", small=True, count=612, here=48,
              here_url=people, out_class=charts.flow_class(552, 1842), flow_label="552 →",
              drop_label="−2.0%", drop_high=True),
        _step("x3", "exit", "End", "flag", "Journey complete", small=True, count=552, end=True),
    ]  # fmt: skip
    not_yet = [
        _step("m3", "message", "Email", "mail", "Meet the bakers", at="day 2", count=1166,
              summary="Subject: Flour on our sleeves, since 4am", flow_label="1,158 →", reached=5,
              drop_label="−0.7%",
              metrics=[("Delivered", "99.3%", people), ("Opened", "44.1%", people),
                       ("Clicked", "9.8%", people)]),
        _step("w3", "wait", "Wait", "clock", "Wait 3 days", small=True, count=1158, here=33,
              here_url=people, flow_label="1,125 →", reached=6),
        inner,
    ]  # fmt: skip
    return [
        _step("tr", "trigger", "Starts when", "zap", "Joins from a sign-up form", count=1842,
              summary="Form “Spring tasting” · email consent", flow_label="1,842 →", reached=1,
              metrics=[("Entered", "1,842", people), ("This week", "131", people),
                       ("Goal", "34.0%", people)]),
        _step("m1", "message", "Email", "mail", "Welcome: 10% off your first loaf", count=1821,
              at="straight away", summary="Subject: You’re in. Breakfast is on us",
              flow_label="1,821 →", drop_label="−1.1%", selected=True, reached=2,
              metrics=[("Delivered", "98.9%", people), ("Opened", "58.4%", people),
                       ("Clicked", "21.7%", people)]),
        _step("w1", "wait", "Wait", "clock", "Wait 2 days", small=True, count=1778, here=43,
              here_url=people, flow_label="1,778 →", flow_url=people, reached=3),
        _step("b1", "logic", "If / else", "split", "Placed an order?", at="day 2", count=1778,
              summary="Since starting this journey", end=True, reached=4,
              lanes=[_lane("Yes", 612, "34.4%", bought),
                     _lane("No", 1166, "65.6%", not_yet, reached=True)]),
    ]  # fmt: skip


# Included under `ui/specimen/` on a local machine only.
urlpatterns = [
    path("", specimen, name="specimen"),
    path("journey/", specimen_journey, name="specimen_journey"),
    path("hosted/", specimen_hosted, name="specimen_hosted"),
    path("public/", specimen_public, name="specimen_public"),
    path("landing/", specimen_landing, name="specimen_landing"),
]
