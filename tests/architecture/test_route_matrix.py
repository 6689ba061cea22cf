"""P6: no workspace reads or changes another's rows by any door.

Every route of both URLconfs is called with Globex's rows by everyone Acme has: nothing of Globex is
shown, nothing of Globex changes, nothing breaks.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from contacts.models import ContactExport
from tenants.celery import HEADER, TenantTask
from tenants.saving import guarded_models
from tests.architecture.belongings import Belongings, furnish, picture, undone
from tests.architecture.routes import NAMELESS, PUBLIC, WORKSPACE, Kind, Route
from tests.architecture.test_workspace_bound_tasks import own_tasks

CANARY = "tweetcanary"
READS_AND_WRITES = ("GET", "POST")
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """One place to call: a route's name, what the table says of it, and how it is built."""

    name: str
    route: Route
    path_args: dict[str, Any]
    urlconf: str

    def url(self, theirs: Belongings) -> str:
        """The path with these belongings in it."""
        args = {key: theirs.get(value, value) for key, value in self.path_args.items()}
        path = reverse(self.name, urlconf=self.urlconf, kwargs=args)
        asked = {key: theirs.get(value, value) for key, value in self.route.query.items()}
        return f"{path}?{urlencode(asked)}" if asked else path


def routes(urlconf: str) -> Iterator[tuple[str, str]]:
    """(name with its namespaces, the route's own pattern) of everything in a URLconf."""

    def walk(patterns: list[Any], namespace: str) -> Iterator[tuple[str, str]]:
        for found in patterns:
            if isinstance(found, URLResolver):
                inner = f"{namespace}{found.namespace}:" if found.namespace else namespace
                yield from walk(found.url_patterns, inner)
            elif isinstance(found, URLPattern):
                yield namespace + (found.name or ""), str(found.pattern)

    yield from walk(get_resolver(urlconf).url_patterns, "")


def admin_names() -> dict[str, Any]:
    """The part of a route's name that stands for a model, and the model."""
    return {
        f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
    }


def entry_of(name: str, table: dict[str, Route]) -> Route | None:
    """What the table says of a route."""
    for prefix in admin_names():
        name = re.sub(rf"^admin:{prefix}_", "admin:<model>_", name)
    return table.get(name)


def addresses(urlconf: str, table: dict[str, Route], globex: Any) -> list[Address]:
    """All routes of a URLconf that have a name, ready to be called."""
    models = admin_names()
    found = []
    for name in dict.fromkeys(name for name, _pattern in routes(urlconf)):
        if name in ("", "admin:"):
            continue
        route = entry_of(name, table)
        assert route is not None, name
        args = dict(route.args)
        if args.get("object_id") == "<row>":
            args["object_id"] = row_of(models[name.removeprefix("admin:").rsplit("_", 1)[0]])
        found.append(Address(name, route, args, urlconf))
    return found


def row_of(model: type[Any]) -> str:
    """A row of a shared table; Globex's if there is one."""
    with schema_context(get_public_schema_name()):
        rows = model._base_manager.order_by("pk")
        return str(rows.values_list("pk", flat=True).last() or "1")


@dataclass(frozen=True)
class Caller:
    """Somebody of Acme, and the host they call."""

    name: str
    host: str
    client: Client
    headers: dict[str, str]
    body: dict[str, Any]

    def complaints(
        self, address: Address, url: str, globex: Any, before: dict[str, str]
    ) -> Iterator[str]:
        """What went wrong with one address, one sentence each; what was written is undone."""
        said = f"{address.name} by {self.name}, {url}"
        is_api = address.route.kind is Kind.API
        # Signing out takes the cookie away; whoever calls the next address has it again.
        cookies = deepcopy(self.client.cookies)
        after = before
        with undone():
            for method in ALL_METHODS if is_api else READS_AND_WRITES:
                response = self.client.generic(
                    method,
                    url,
                    self.encoded(address, method),
                    content_type=self.content_type(address),
                    headers={"host": self.host, **self.headers},
                )
                if response.status_code >= 500:
                    yield f"{said}: answered {method} with {response.status_code}"
                    break
                if CANARY in everything(response):
                    yield f"{said}: {method} showed something of Globex ({response.status_code})"
            else:
                after = picture(globex)
        self.client.cookies = cookies
        if changed := [table for table in before if before[table] != after[table]]:
            yield f"{said}: changed {', '.join(changed)}"

    def content_type(self, address: Address) -> str:
        if address.route.kind is Kind.API:
            return "application/json"
        return "application/x-www-form-urlencoded"

    def encoded(self, address: Address, method: str) -> bytes:
        if method == "GET":
            return b""
        if address.route.kind is Kind.API:
            return json.dumps(self.body).encode()
        return urlencode(self.body, doseq=True).encode()


def everything(response: Any) -> str:
    """Headers and body of an answer as text."""
    content = response.getvalue() if response.streaming else response.content
    return str(dict(response.headers)) + content.decode(errors="replace")


@pytest.fixture(autouse=True)
def _at_noon(now: Any) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture(autouse=True)
def _as_on_the_internet(settings: Any, tmp_path: Any) -> None:
    """Not a newcomer's machine, whose inbox is open to all; and with a media folder of its own."""
    settings.LOCAL = False
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mine(acme: Any, now: Any) -> Belongings:
    """What Acme has."""
    return furnish(acme, word="ours", now=now)


@pytest.fixture
def theirs(globex: Any, now: Any) -> Belongings:
    """What Globex has, a canary in each."""
    return furnish(globex, word=CANARY, now=now)


@pytest.fixture
def callers(acme: Any, mine: Belongings, theirs: Belongings) -> Any:
    """`callers("globex")`: everyone Acme has, calling a host ("" is the public site)."""
    # What their forms say: ids of Globex under the names that the forms have.
    body = {
        "ids": [str(theirs["contact"])],
        "contact_ids": [str(theirs["contact"])],
        "contact_id": str(theirs["contact"]),
        "template_id": str(theirs["template"]),
        "journey_id": str(theirs["journey"]),
        "action": "add_tag",
        "name": "vip",
        "tag": "vip",
        "confirm": "on",
    }

    def signed_in(user: Any, schema: str) -> Client:
        client = Client(raise_request_exception=False)
        with schema_context(schema):
            client.force_login(user)
        return client

    def make(slug: str) -> list[Caller]:
        host = f"{slug}.localhost" if slug else "localhost"
        where = f"on {host}"
        public = get_public_schema_name()
        bearer = {"authorization": f"Bearer {mine['secret']}"}

        def caller(name: str, client: Client, headers: dict[str, str] | None = None) -> Caller:
            return Caller(f"{name} {where}", host, client, headers or {}, body)

        everyone = [
            caller("anybody", Client(raise_request_exception=False)),
            caller("Acme's viewer", signed_in(mine["viewer"], acme.schema_name)),
            caller("Acme's owner", signed_in(mine["owner"], acme.schema_name)),
            caller("Acme's owner, signed in publicly", signed_in(mine["owner"], public)),
            caller("Acme's API key", Client(raise_request_exception=False), bearer),
        ]
        # The public site knows no keys, and no roles; a session of it is none elsewhere.
        anybody, viewer, owner, publicly, key = everyone
        return [anybody, viewer, owner, key] if slug else [anybody, owner, publicly]

    return make


@pytest.mark.parametrize(
    ("urlconf", "table"), [("config.urls", WORKSPACE), ("config.urls_public", PUBLIC)]
)
def test_every_route_is_in_the_table(urlconf: str, table: dict[str, Route]):
    # a route that nobody wrote down would never be called as somebody else
    found = list(routes(urlconf))
    missing = sorted({name or pattern for name, pattern in found if not entry_of(name, table)})
    missing = [name for name in missing if name not in NAMELESS | {"admin:"}]
    assert missing == [], (
        f"Add to tests/architecture/routes.py, under the table of {urlconf}, a line for each of "
        f"{', '.join(missing)}: its kind and which of Globex's rows its address names."
    )
    nameless = {pattern for name, pattern in found if name in ("", "admin:")}
    assert nameless <= NAMELESS, f"Give each of these routes a name: {nameless - NAMELESS}"
    gone = [
        name
        for name in table
        if "<model>" not in name and name not in {name for name, _pattern in found}
    ]
    assert gone == [], f"Take these out of tests/architecture/routes.py: {', '.join(gone)}"


def test_globex_has_a_row_of_every_kind(globex: Any, theirs: Belongings):
    # a table without a row could be read and changed by everyone without anybody noticing
    with tenant_context(globex):
        empty = [model._meta.label for model in guarded_models() if not model._base_manager.count()]
    assert empty == [], (
        "Make a row with the canary in tests/architecture/belongings.py for: " + ", ".join(empty)
    )


def test_the_picture_sees_a_change_and_the_canary_is_there(globex: Any, theirs: Belongings):
    # given that members of Globex do see the canary
    client = Client(headers={"host": "globex.localhost"})
    with tenant_context(globex):
        client.force_login(theirs["owner"])
    page = client.get(reverse("contacts:detail", kwargs={"contact_id": theirs["contact"]}))
    assert CANARY in everything(page)

    # then what they change is in the picture, and gone when it is undone
    before = picture(globex)
    with undone():
        client.post(reverse("contacts:tags"), {"name": "vip", "action": "add"})
        client.post(
            reverse("contacts:note", kwargs={"contact_id": theirs["contact"]}), {"text": "Hi"}
        )
        assert picture(globex)['"w_globex"."contacts_note"'] != before['"w_globex"."contacts_note"']
    assert picture(globex) == before


def test_on_its_own_host_acme_reaches_nothing_of_globex(
    globex: Any, theirs: Belongings, callers: Any
):
    # when everyone of Acme, on Acme's host, names Globex's rows and shows Globex's links
    before, everyone = picture(globex), callers("acme")
    found = [
        complaint
        for address in addresses("config.urls", WORKSPACE, globex)
        for caller in everyone
        for complaint in caller.complaints(address, address.url(theirs), globex, before)
    ]
    assert found == []
    # and everyone was who they were to the end
    seen = {
        caller.name: caller.client.get(
            reverse("contacts:list"), headers={"host": "acme.localhost"}
        ).status_code
        for caller in everyone
    }
    assert list(seen.values()) == [302, 200, 200, 302], seen


def test_on_globex_s_host_acme_is_nobody(
    globex: Any, mine: Belongings, theirs: Belongings, callers: Any
):
    # when everyone of Acme calls Globex's host, with Acme's links where links open doors
    before, everyone, found = picture(globex), callers("globex"), []
    for address in addresses("config.urls", WORKSPACE, globex):
        whose = mine if address.route.kind is Kind.LINK else theirs
        for caller in everyone:
            found += caller.complaints(address, address.url(whose), globex, before)
    assert found == []


def test_on_the_public_site_a_member_of_acme_sees_nothing_of_globex(
    globex: Any, theirs: Belongings, callers: Any
):
    # and the operators' admin is closed to a member who is no operator
    before, everyone = picture(globex), callers("")
    found = [
        complaint
        for address in addresses("config.urls_public", PUBLIC, globex)
        for caller in everyone
        for complaint in caller.complaints(address, address.url(theirs), globex, before)
    ]
    assert found == []


def test_the_admin_answers_a_member_with_the_way_to_sign_in(
    globex: Any, theirs: Belongings, callers: Any
):
    public = next(one for one in callers("") if "publicly" in one.name)
    for address in addresses("config.urls_public", PUBLIC, globex):
        if address.route.kind is Kind.OPERATORS and "login" not in address.name:
            response = public.client.get(address.url(theirs), headers={"host": "localhost"})
            assert response.status_code in (302, 403, 404), address.name


def test_globex_s_ids_in_a_request_for_acme_s_own_rows_are_strangers(
    globex: Any, mine: Belongings, theirs: Belongings, callers: Any
):
    # given what Acme's key may do with its own rows, naming Globex's in the body
    contact, template = str(theirs["contact"]), str(theirs["template"])
    requests = [
        ("/api/v1/messages", {"template_id": template, "contact_id": str(mine["contact"])}),
        ("/api/v1/messages", {"template_id": str(mine["template"]), "contact_id": contact}),
        (f"/api/v1/journeys/{mine['journey']}/enrolments", {"contact_id": contact}),
        ("/api/v1/contacts", {"id": contact, "first_name": "Eve"}),
        ("/api/v1/events", {"type": "order_placed", "contact_id": contact}),
    ]
    key = next(one for one in callers("acme") if "key" in one.name)
    before = picture(globex)

    for path, body in requests:
        response = key.client.post(
            path, body, "application/json", headers={"host": key.host, **key.headers}
        )
        # then each is refused as an unknown one would be, and shows nothing
        assert 400 <= response.status_code < 500, (path, response.content)
        assert CANARY not in everything(response)
    assert picture(globex) == before


def test_a_task_for_acme_touches_nothing_of_globex(
    globex: Any, acme: Any, mine: Belongings, theirs: Belongings
):
    # given due work in both, and every task that is bound to a workspace
    bound = [task for task in own_tasks().values() if isinstance(task, TenantTask)]
    ours = [task for task in bound if not task.name.startswith("tests.")]
    assert {"journeys.advance", "campaigns.send", "events.drain"} <= {task.name for task in ours}
    before, mine_before = picture(globex), picture(acme)

    for task in ours:
        with schema_context(get_public_schema_name()):
            task.apply(headers={HEADER: acme.schema_name}, throw=True)

    # then Acme's work is done, and Globex's is as it was
    assert picture(globex) == before
    assert picture(acme) != mine_before


def test_files_of_globex_are_not_to_be_had_from_acme(
    globex: Any, acme: Any, mine: Belongings, theirs: Belongings
):
    # given an export of Globex, and one of Acme that somebody made to point at it
    stolen = f"../{globex.schema_name}/{theirs['export_path']}"
    with tenant_context(globex), default_storage.open(theirs["export_path"]) as file:
        assert CANARY in file.read().decode()
    with tenant_context(acme):
        assert not default_storage.exists(theirs["export_path"])
        with pytest.raises(SuspiciousOperation):
            default_storage.open(stolen)
        ContactExport.objects.filter(pk=mine["export"]).update(file=stolen)

    # then no address leads to it
    client = Client(headers={"host": "acme.localhost"}, raise_request_exception=False)
    with tenant_context(acme):
        client.force_login(mine["owner"])
    for path in (
        reverse("contacts:export_file", kwargs={"export_id": mine["export"]}),
        f"/media/{globex.schema_name}/{theirs['export_path']}",
        f"/static/../media/{globex.schema_name}/{theirs['export_path']}",
    ):
        response = client.get(path)
        assert response.status_code in (400, 404), path
        assert CANARY not in everything(response)


def test_cache_keys_are_a_workspace_s_own(globex: Any, acme: Any):
    with tenant_context(acme):
        cache.set("contact:1", "Ada of Acme")
        assert cache.get("contact:1") == "Ada of Acme"
        in_acme = cache.make_key("contact:1")
    with tenant_context(globex):
        assert cache.get("contact:1") is None
        assert cache.make_key("contact:1") != in_acme
        cache.delete("contact:1")
    with tenant_context(acme):
        assert cache.get("contact:1") == "Ada of Acme"
        cache.delete("contact:1")


def test_a_session_cookie_of_acme_is_no_session_in_globex(
    globex: Any, acme: Any, mine: Belongings, theirs: Belongings
):
    # given Acme's owner, made a member of Globex as well: the cookie alone must not be enough
    globex.memberships.create(user=mine["owner"], role="owner")
    client = Client()
    with tenant_context(acme):
        client.force_login(mine["owner"])
    url = reverse("contacts:list")
    assert client.get(url, headers={"host": "acme.localhost"}).status_code == 200

    # when the cookie is sent to Globex's host
    response = client.get(url, headers={"host": "globex.localhost"})

    # then whoever sends it is nobody, and the way leads to the sign-in
    assert response.status_code == 302
    assert "/workspaces/globex/enter/" in response["Location"]
    # and a browser would not have sent it: the cookie names no domain
    assert client.cookies["sessionid"]["domain"] == ""
