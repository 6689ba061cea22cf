"""Components, forms, charts and navigation as templates use them; no database."""

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django_htmx.middleware import HtmxDetails
from lucide import IconDoesNotExist

from contacts.models import Contact, Tag
from core import charts, htmx, navigation
from core.navigation import NavItem, Pill, Section
from core.registry import AlreadyRegistered, Registry
from core.ui import hue_class, initials


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [
    path("", answer, name="home"),
    path("contacts/", answer, name="contacts"),
    path("contacts/segments/", answer, name="segments"),
]


@pytest.fixture(autouse=True)
def _static_files_without_hashes(settings: Any) -> None:
    """Names of static files as written: nobody collected them for a test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


class Address(forms.Form):
    email = forms.EmailField(label="Email", help_text="Where we write to.")
    secret = forms.CharField(widget=forms.PasswordInput, label="Password")
    agreed = forms.BooleanField(label="I agree")
    way = forms.ChoiceField(
        label="Way", choices=[("a", "Letter"), ("b", "Mail")], widget=forms.RadioSelect
    )
    nick = forms.CharField(label="Nick", required=False)


# --- components


def test_text_of_people_is_escaped_in_every_component() -> None:
    # given a name that tries to be markup
    name = "<b>Eve</b>"
    # when it is drawn as chip, button and avatar
    drawn = draw(
        "{% chip name %}{% button name href=url data_x=name %}{% avatar name %}",
        name=name,
        url="/?a=1&b=2",
    )
    # then it stays text
    assert "<b>" not in drawn
    assert "&lt;b&gt;Eve&lt;/b&gt;" in drawn
    assert 'href="/?a=1&amp;b=2"' in drawn


def test_an_icon_is_decoration_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "house" %}')
    named = draw('{% icon "house" label="Home" %}')
    assert 'role="img"' in named
    assert 'aria-label="Home"' in named
    assert "aria-hidden" not in named


def test_an_unknown_icon_raises() -> None:
    with pytest.raises(IconDoesNotExist):
        draw('{% icon "no-such-icon" %}')


def test_a_button_is_a_link_with_an_address_and_says_its_name_when_it_shows_an_icon_only() -> None:
    drawn = draw('{% button "More" icon="ellipsis" icon_only=True %}')
    assert drawn.startswith('<button class="btn icon"')
    assert 'aria-label="More"' in drawn
    assert 'type="button"' in drawn
    assert draw('{% button "Open" href="/x" kind="pri" %}') == (
        '<a class="btn pri" href="/x">Open</a>'
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Maya Lindqvist", "ML"), ("maya", "M"), ("maya@example.com", "ME"), ("", "?")],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("#ff0000", "hue-0"), ("#0e6a5a", "hue-6"), ("#777777", ""), ("red", ""), ("", "")],
)
def test_a_business_colour_becomes_the_nearest_hue(colour: str, expected: str) -> None:
    assert hue_class(colour) == expected


def test_the_pager_links_only_where_there_is_more() -> None:
    # given the first page of several
    drawn = draw('{% pager "" "/?after=abc" "1 to 8 of 214" target="#table" %}')
    # then only the way on is a link, and htmx swaps the table
    assert drawn.count("<a ") == 1
    assert 'hx-get="/?after=abc" hx-target="#table" hx-push-url="true"' in drawn
    assert 'aria-disabled="true"' in drawn


# --- forms


def test_a_form_ties_labels_help_and_errors_to_their_controls() -> None:
    # given a form sent with a broken address and nothing else
    drawn = str(Address({"email": "maya@", "nick": ""}))
    # then the address knows its help and its error, and is marked as wrong
    assert 'aria-describedby="id_email_helptext id_email_error"' in drawn
    assert '<label for="id_email">Email' in drawn
    assert drawn.count('id="id_email_error"') == 1
    # and the radio buttons are one group with a name
    assert "<fieldset" in drawn
    assert "<legend>Way</legend>" in drawn
    # and only what may stay empty says so
    assert drawn.count('class="opt"') == 1


def test_the_error_summary_leads_to_each_wrong_field_and_is_silent_when_all_is_well() -> None:
    wrong = draw("{% error_summary form %}", form=Address({"email": "maya@"}))
    assert "4 things need a fix" in wrong
    assert 'href="#id_email"' in wrong
    fine = Address({"email": "m@example.com", "secret": "x", "agreed": "on", "way": "a"})
    assert draw("{% error_summary form %}", form=fine).strip() == ""


@pytest.mark.urls("config.urls_public")
def test_account_pages_wear_the_look_of_the_public_site() -> None:
    # given the sign-in page of allauth
    drawn = render_to_string("account/login.html", {"form": Address()})
    # then it stands in our base, with one form and one filled button
    assert 'class="door-main"' in drawn
    assert 'class="btn pri' in drawn
    assert drawn.count('action="/sign-in/"') == 1


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_pages_stand_without_a_request(status: int) -> None:
    drawn = render_to_string(f"{status}.html", {"message": "Ask <the> owner."})
    assert f">{status}<" in drawn
    assert drawn.count("<h1>") == 1
    assert "<the>" not in drawn


# --- charts


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [(0, 100, "f-0"), (1, 1000, "f-1"), (50, 100, "f-5"), (100, 100, "f-10"), (7, 0, "f-0"),
     (120, 100, "f-10")],
)  # fmt: skip
def test_a_connector_has_one_of_eleven_widths(count: int, total: int, expected: str) -> None:
    assert charts.flow_class(count, total) == expected


def test_a_chart_says_its_sentence_and_draws_a_view_for_phones() -> None:
    drawn = charts.line(
        title="Up <18%>", values=[1, 5, 3], previous=[1, 2, 2], labels=[(0, "Mon")],
        marks=[charts.Mark(1, "Sent")],
    )  # fmt: skip
    assert drawn.count('aria-label="Up &lt;18%&gt;"') == 2
    assert "wide-view" in drawn
    assert "narrow-view" in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize("values", [[], [0], [0, 0], [5]])
def test_an_empty_or_flat_series_is_drawn_without_error(values: list[float]) -> None:
    assert charts.line(title="None", values=values).count("<svg") == 2
    assert charts.bars(title="None", values=values, labels=[""] * len(values)).count("<svg") == 1
    assert charts.spark(values).count("<svg") == (1 if len(values) > 1 else 0)


def test_shares_never_leave_their_frame() -> None:
    assert 'width="100.0"' in charts.bar(140)
    assert 'width="0.0"' in charts.bar(-3)
    assert 'x="90.0" width="10.0"' in charts.stacked([90, 30], label="Too much")


# --- htmx


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_a_page_asking_for_its_piece_gets_the_partial(
    headers: dict[str, str], expected: bool
) -> None:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    assert htmx.wants_partial(request) is expected


def test_a_redirect_takes_the_whole_page_along() -> None:
    request = RequestFactory().post("/", headers={"HX-Request": "true"})
    request.htmx = HtmxDetails(request)
    assert htmx.redirect_to(request, "/contacts/")["HX-Redirect"] == "/contacts/"
    plain = RequestFactory().post("/")
    assert htmx.redirect_to(plain, "/contacts/").status_code == 302


# --- navigation


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> Registry[NavItem]:
    registry: Registry[NavItem] = Registry("navigation")
    monkeypatch.setattr(navigation, "navigation", registry)
    return registry


@override_settings(ROOT_URLCONF=__name__)
def test_the_side_bar_is_ordered_and_marks_the_page_one_is_on(items: Registry[NavItem]) -> None:
    # given three items registered out of order
    items.register(NavItem("segments", "Segments", "funnel", "segments", Section.ENGAGE, order=30))
    items.register(NavItem("contacts", "Contacts", "users", "contacts", order=20))
    items.register(NavItem("home", "Home", "house", "home", order=10))
    # when someone is on a page below the segments
    groups = navigation.groups(RequestFactory().get("/contacts/segments/7/"))
    # then the longest fitting address is current, and empty sections are not shown
    assert [(str(g.title), [x.key for x in g.links]) for g in groups] == [
        ("", ["home", "contacts"]),
        ("Engage", ["segments"]),
    ]
    assert [x.key for g in groups for x in g.links if x.is_current] == ["segments"]


@override_settings(ROOT_URLCONF=__name__)
def test_what_a_role_may_not_open_is_not_offered_and_not_counted(
    items: Registry[NavItem], acme: Any, django_assert_num_queries: Any
) -> None:
    # given two items for admins with figures, and one figure that is too large to tell
    Tag.objects.bulk_create(Tag(name=f"t{number}") for number in range(100))
    Contact.objects.create(email="ada@example.com")
    for key, model in (("contacts", Contact), ("segments", Tag)):
        counted = navigation.Counted(model.objects.all, "open")
        items.register(NavItem(key, key, "users", key, role="admin", counted=counted))
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    # when nobody in particular and a viewer look, then nothing is counted
    with django_assert_num_queries(0):
        assert navigation.groups(request) == []
        request.membership = SimpleNamespace(may=lambda role: False)
        assert navigation.groups(request) == []
    # and an admin sees the items with their figures, all from one statement
    request.membership = SimpleNamespace(may=lambda role: role == "admin")
    with CaptureQueriesContext(connection) as queries:
        links = navigation.groups(request)[0].links
    assert [each["sql"].count("count(*)") for each in queries if "count" in each["sql"]] == [2]
    assert [link.pill for link in links] == [Pill("1", "open"), Pill("99+", "open")]


def test_a_key_is_registered_once(items: Registry[NavItem]) -> None:
    items.register(NavItem("home", "Home", "house", "home"))
    with pytest.raises(AlreadyRegistered):
        items.register(NavItem("home", "Again", "house", "home"))
    assert len(items) == 1


@pytest.mark.parametrize(
    ("cookie", "expected"), [("dark", "dark"), ("light", "light"), ("", "auto"), ('"><x', "auto")]
)
def test_the_theme_comes_from_a_cookie_and_nonsense_is_ignored(cookie: str, expected: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    assert navigation.shell(request)["theme"] == expected
