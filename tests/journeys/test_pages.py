"""The pages of journeys: what they say, who may act, and that Globex never sees Acme's."""

from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from contacts.models import Contact
from contacts.tags import add_tag
from journeys import services
from journeys.enrolment import enrol
from journeys.models import Enrolment, Journey
from journeys.panels import _context as panel_of
from journeys.skipping import skip_wait
from tenants.models import Membership, User
from tests.journeys.conftest import DAY, definition, live, path_of, settle, step
from tests.journeys.seeding import seed

WAIT = {"amount": 2, "unit": "days"}
MOST_QUERIES = 12


def asked(queries: CaptureQueriesContext) -> list[str]:
    """What was asked, without the settings of the connection that go along with it."""
    plain = [each["sql"] for each in queries]
    return [sql for sql in plain if not sql.startswith(("SET ", "SAVEPOINT", "RELEASE"))]


@pytest.fixture
def seeded(acme: Any, now: Any) -> Journey:
    return seed(now)


@pytest.fixture
def viewer_client(acme: Any, client_of: Any) -> Client:
    """Somebody who may look at Acme's pages and do nothing."""
    user = User.objects.create_user("viewer@acme.example", "correct horse battery")
    Membership.objects.create(user=user, workspace=acme, role=Membership.Role.VIEWER)
    client: Client = client_of(acme, user)
    return client


def test_the_list_shows_each_journey_with_its_figures(
    seeded: Journey, acme_client: Client, now: Any
) -> None:
    # given a live, a draft and an archived journey
    services.create_journey(name="Win back", now=now)
    gone = services.create_journey(name="Old one", now=now)
    services.archive_journey(journey=gone, now=now)
    # when the list is opened
    with CaptureQueriesContext(connection) as queries:
        page = acme_client.get("/journeys/").content.decode()
    # then the running one comes first, with its figures, and the archived one is apart
    assert page.index("Welcome") < page.index("Win back")
    assert "Old one" not in page
    assert "Live · v1" in page
    for what, count in (("started", 12), ("in_progress", 2), ("completed", 3)):
        assert f'people/?what={what}">{count}</a>' in page
    assert 'people/?what=converted">1 · 8.3%</a>' in page
    assert len(asked(queries)) <= MOST_QUERIES
    assert "Old one" in acme_client.get("/journeys/?show=archived").content.decode()


def test_an_empty_list_says_how_to_begin(acme_client: Client) -> None:
    page = acme_client.get("/journeys/").content.decode()
    assert "No journeys yet" in page
    assert 'href="/journeys/new/"' in page


@pytest.mark.usefixtures("two_days_later")
@pytest.mark.parametrize("address", ["", "?step=mail1", "draft/", "draft/?step=wait1", "publish/",
                                     "versions/", "versions/1/", "people/", "people/add/",
                                     "rename/", "pause/"])  # fmt: skip
def test_no_page_asks_more_than_twelve_queries(
    seeded: Journey, acme_client: Client, address: str
) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = acme_client.get(f"/journeys/{seeded.pk}/{address}")
    assert response.status_code == 200
    assert len(asked(queries)) <= MOST_QUERIES, asked(queries)


@pytest.mark.usefixtures("two_days_later")
def test_the_report_shows_the_tree_with_flows_and_drops(
    seeded: Journey, acme_client: Client
) -> None:
    page = acme_client.get(f"/journeys/{seeded.pk}/").content.decode()
    assert "2 here now" in page
    assert "3 · 33.3%" in page
    assert "6 · 66.7%" in page
    assert "−8.3%" in page
    assert "No VIP" in page


@pytest.mark.usefixtures("two_days_later")
def test_shares_are_shown_instead_of_counts_on_request(
    seeded: Journey, acme_client: Client
) -> None:
    # 4 of 9 delivered were opened
    page = acme_client.get(f"/journeys/{seeded.pk}/?as=percent").content.decode()
    assert ">44.4%</a>" in page


@pytest.mark.usefixtures("two_days_later")
def test_choosing_a_step_by_htmx_fetches_its_panel_alone(
    seeded: Journey, acme_client: Client
) -> None:
    url = f"/journeys/{seeded.pk}/"
    panel = acme_client.get(url, {"step": "wait1"}, headers={"HX-Request": "true"}).content
    nothing = acme_client.get(url, headers={"HX-Request": "true"}).content
    assert b"How people moved through" in panel
    assert b"Was taken out by a colleague" in panel
    assert b"<html" not in panel
    assert b"The whole journey" in nothing


def test_a_journey_that_never_ran_opens_as_a_draft(acme_client: Client, now: Any) -> None:
    journey = services.create_journey(name="New", now=now)
    response = acme_client.get(f"/journeys/{journey.pk}/")
    assert (response.status_code, response["Location"]) == (302, f"/journeys/{journey.pk}/draft/")


# --- a person's way


def test_a_way_tells_every_step_with_times_reasons_and_mails(
    seeded: Journey, acme_client: Client
) -> None:
    # given somebody whose mail was held back and who waits, in New York
    run = Enrolment.objects.get(contact__email="p10@example.com")
    Contact.objects.filter(pk=run.contact_id).update(timezone="America/New_York")
    # when their way is opened
    with CaptureQueriesContext(connection) as queries:
        page = acme_client.get(f"/journeys/{seeded.pk}/people/{run.pk}/").content.decode()
    # then it is told in their time: noon UTC on 24 November is 7 in the morning there
    assert "Times in America/New_York" in page
    assert "Waiting until Nov. 24, 2026, 7 a.m." in page
    assert "Over the limit of mails a week." in page
    assert '<span class="ord"><span class="sr">Reached as number </span>3</span>' in page
    assert 'class="btn sm" type="submit"' in page
    assert len(asked(queries)) <= MOST_QUERIES


def test_a_way_that_ended_says_why_and_offers_nothing(seeded: Journey, acme_client: Client) -> None:
    run = Enrolment.objects.get(contact__email="p03@example.com")
    page = acme_client.get(f"/journeys/{seeded.pk}/people/{run.pk}/").content.decode()
    assert "Left: No VIP" in page
    assert "Remove from journey" not in page
    assert "Skip the wait" not in page


def test_removing_somebody_ends_their_run_once(ada: Contact, acme_client: Client, now: Any) -> None:
    # given Ada inside
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    run = Enrolment.objects.get()
    # when she is taken out, twice
    url = f"/journeys/{journey.pk}/people/{run.pk}/"
    first = acme_client.post(url + "remove/", follow=True).content.decode()
    second = acme_client.post(url + "remove/", follow=True).content.decode()
    # then
    run.refresh_from_db()
    assert (run.status, run.exit_reason) == ("exited", "removed")
    assert path_of(ada) == [("wait1", "exit:removed")]
    assert "They are out of the journey." in first
    assert "They had left the journey already." in second


def test_skipping_a_wait_moves_them_on_at_once(ada: Contact, acme_client: Client, now: Any) -> None:
    # given Ada, who waits two days before a tag
    journey = live(now, step("wait1", "wait", WAIT), step("tag1", "add_tag", {"tag": "x"}))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    run = Enrolment.objects.get()
    # when the wait is skipped
    with time_machine.travel(now, tick=False):
        acme_client.post(f"/journeys/{journey.pk}/people/{run.pk}/skip/")
    # then she stands at the tag, due now, and goes on as ever
    run.refresh_from_db()
    assert (run.step_id, run.visit, run.due_at) == ("tag1", 2, now)
    settle(now)
    assert path_of(ada) == [("wait1", "next"), ("tag1", "next")]
    assert run.visits.get(step_id="wait1").reason == "The wait was skipped by a colleague."


def test_only_a_wait_with_one_way_on_can_be_skipped(ada: Contact, now: Any) -> None:
    # given Ada at a wait whose branches only an event or time can choose
    waits = {"event": "order.placed", "amount": 7, "unit": "days"}
    journey = live(now, step("wait1", "wait_for_event", waits, [], []))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    before = Enrolment.objects.values().get()
    # when it is skipped, and when nobody knows the run
    assert not skip_wait(enrolment_id=before["id"], now=now)
    assert not skip_wait(enrolment_id=UUID(int=7), now=now)
    # then nothing changed
    assert Enrolment.objects.values().get() == before
    assert path_of(ada) == []


def test_the_last_wait_skipped_ends_the_run(ada: Contact, now: Any) -> None:
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert skip_wait(enrolment_id=Enrolment.objects.get().pk, now=now)
    run = Enrolment.objects.get()
    assert (run.status, run.ended_at, run.due_at) == ("finished", now, None)


# --- letting people in


def test_people_are_added_by_hand_and_told_about(
    ada: Contact, bob: Contact, acme_client: Client, now: Any
) -> None:
    # given a journey that Ada is in
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    # when both are chosen
    url = f"/journeys/{journey.pk}/people/add/"
    page = acme_client.post(url, {"ids": [ada.pk, bob.pk]}, follow=True).content.decode()
    # then Bob came in, and Ada did not a second time
    assert Enrolment.objects.filter(journey=journey).count() == 2
    assert "1 person added." in page
    assert "1 not added: already inside." in page


def test_everybody_with_a_tag_is_added(
    ada: Contact, bob: Contact, acme_client: Client, now: Any
) -> None:
    journey = live(now, step("wait1", "wait", WAIT))
    add_tag(contact_ids=[ada.pk], name="VIP", now=now)
    url = f"/journeys/{journey.pk}/people/add/"
    acme_client.post(url, {"tag": "vip"})
    assert list(Enrolment.objects.values_list("contact", flat=True)) == [ada.pk]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"tag": "nobody has it"}, "No contact has this tag."),
        ({"tag": "\x00"}, "Null characters are not allowed."),
        ({}, "Choose at least one person."),
        ({"ids": ["nonsense"]}, "“nonsense” is not a valid"),
    ],
)
def test_a_refused_choice_says_why_and_lets_nobody_in(
    acme_client: Client, now: Any, sent: dict[str, Any], says: str
) -> None:
    journey = live(now, step("wait1", "wait", WAIT))
    response = acme_client.post(f"/journeys/{journey.pk}/people/add/", sent)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Enrolment.objects.exists()


def test_nobody_is_added_by_hand_where_no_entry_allows_it(
    ada: Contact, acme_client: Client, now: Any
) -> None:
    # given a journey that only a tag starts
    entry = [{"kind": "tag_added", "config": {"tag": "vip"}}]
    journey = live(now, step("wait1", "wait", WAIT), entries=entry)
    # when she is added all the same
    acme_client.post(f"/journeys/{journey.pk}/people/add/", {"ids": [ada.pk]})
    acme_client.post(f"/journeys/contacts/{ada.pk}/add/", {"journey": str(journey.pk)})
    acme_client.post(f"/journeys/contacts/{ada.pk}/add/", {"journey": "nonsense"})
    # then she is in nothing
    assert not Enrolment.objects.exists()


def test_the_panel_on_a_contact_shows_where_they_are_and_what_comes(
    ada: Contact, acme_client: Client, now: Any
) -> None:
    # given Ada at the second of three steps, added on her own page
    journey = live(
        now,
        step("tag1", "add_tag", {"tag": "x"}),
        step("wait1", "wait", WAIT),
        step("tag2", "add_tag", {"tag": "y"}),
    )
    with time_machine.travel(now, tick=False):
        acme_client.post(f"/journeys/contacts/{ada.pk}/add/", {"journey": str(journey.pk)})
    settle(now)
    # when the panel is drawn
    shown = panel_of(ada, now)
    # then
    assert shown["inside"] == 1
    assert shown["journeys"] == [journey]
    [run] = shown["runs"]
    assert (run.step, run.pieces, run.can_skip) == ("Wait: 2 days", ["d", "n", ""], True)
    assert run.run.due_at == now + 2 * DAY


# --- publishing and the rest


def test_problems_in_words_stand_against_publishing(acme_client: Client, now: Any) -> None:
    # given a draft with a split that has no condition
    broken = definition(step("split1", "if_else", {}, [], []))
    journey = services.create_journey(name="Broken", definition=broken, now=now)
    url = f"/journeys/{journey.pk}/publish/"
    # when it is published all the same
    assert "1 problem to fix first" in acme_client.get(url).content.decode()
    response = acme_client.post(url)
    # then it is refused, and nothing runs
    assert response.status_code == 422
    assert "“If / else”: Condition: This field is required." in response.content.decode()
    journey.refresh_from_db()
    assert (journey.status, journey.versions.count()) == ("draft", 0)


def test_publishing_says_what_changes_and_who_stays(
    ada: Contact, acme_client: Client, now: Any
) -> None:
    # given a running journey with Ada inside, and a changed draft
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    changed = definition(step("wait1", "wait", WAIT), step("tag1", "add_tag", {"tag": "x"}))
    services.save_draft(journey=journey, definition=changed, now=now)
    url = f"/journeys/{journey.pk}/publish/"
    page = acme_client.get(url).content.decode()
    # then the page says both
    assert "Publish version 2" in page
    assert "Added “Add tag: x” after “Wait: 2 days”" in page
    assert "1 person goes on as before, by the version they are in." in page
    # and publishing makes version 2, by its owner
    acme_client.post(url)
    journey.refresh_from_db()
    assert journey.live_version is not None
    assert (journey.live_version.number, journey.live_version.published_by_name) == (
        2, "Acme Owner",
    )  # fmt: skip
    assert Enrolment.objects.get().version.number == 1


def test_pausing_resuming_archiving_and_bringing_back(
    ada: Contact, acme_client: Client, now: Any
) -> None:
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    states = []
    for act in ("pause", "resume", "archive", "restore"):
        url = f"/journeys/{journey.pk}/{act}/"
        # asking changes nothing
        before = Journey.objects.get().status
        assert acme_client.get(url).status_code == 200
        assert Journey.objects.get().status == before
        acme_client.post(url)
        states.append((Journey.objects.get().status, Enrolment.objects.get().status))
    assert states == [
        ("paused", "held"), ("live", "active"), ("archived", "exited"), ("draft", "exited"),
    ]  # fmt: skip


def test_pausing_what_does_not_run_is_refused_in_words(acme_client: Client, now: Any) -> None:
    journey = services.create_journey(name="New", now=now)
    response = acme_client.post(f"/journeys/{journey.pk}/pause/")
    assert response.status_code == 422
    assert "Only a running journey can be paused." in response.content.decode()
    assert Journey.objects.get().status == "draft"


def test_a_new_journey_needs_a_name(acme_client: Client) -> None:
    refused = acme_client.post("/journeys/create/", {"name": " "})
    made = acme_client.post("/journeys/create/", {"name": "Care", "description": "After orders"})
    journey = Journey.objects.get()
    assert refused.status_code == 422
    assert made["Location"] == f"/journeys/{journey.pk}/draft/"
    assert (journey.name, journey.description, journey.status) == ("Care", "After orders", "draft")


def test_an_unknown_recipe_is_refused_in_words(acme_client: Client) -> None:
    response = acme_client.post("/journeys/create/nonsense/")
    assert response.status_code == 422
    assert "There is no recipe “nonsense”." in response.content.decode()
    assert not Journey.objects.exists()


def test_renaming(acme_client: Client, now: Any) -> None:
    journey = services.create_journey(name="Old", now=now)
    assert acme_client.post(f"/journeys/{journey.pk}/rename/", {"name": ""}).status_code == 422
    acme_client.post(f"/journeys/{journey.pk}/rename/", {"name": "New", "description": "Why"})
    journey.refresh_from_db()
    assert (journey.name, journey.description) == ("New", "Why")


# --- who may


READS = ["", "draft/", "people/", "people/{run}/", "versions/", "versions/1/",
         "versions/compare/?a=1&b=1"]  # fmt: skip
ACTS = [
    "people/add/", "people/{run}/remove/", "people/{run}/skip/", "ops/",
    "draft/save/", "draft/condition/", "publish/", "publish/cancel/", "versions/1/restore/",
    "rename/", "pause/", "resume/", "archive/", "restore/",
]  # fmt: skip


@pytest.mark.parametrize("address", [*READS, *ACTS])
def test_globex_never_sees_acmes_journeys(
    seeded: Journey, globex_client: Client, address: str
) -> None:
    # given Acme's journey and a run in it
    run = Enrolment.objects.get(contact__email="p10@example.com")
    url = f"/journeys/{seeded.pk}/" + address.format(run=run.pk)
    before = (Journey.objects.values().get(), Enrolment.objects.values().get(pk=run.pk))
    # when Globex asks for it or acts on it
    codes = {globex_client.get(url).status_code, globex_client.post(url).status_code}
    # then there is nothing, and nothing changed
    assert codes <= {404, 405}
    assert 404 in codes
    connection.set_tenant(_acme())
    assert (Journey.objects.values().get(), Enrolment.objects.values().get(pk=run.pk)) == before


def test_globex_can_let_nobody_of_acme_in(
    seeded: Journey, ada: Contact, globex: Any, globex_client: Client, now: Any
) -> None:
    response = globex_client.post(f"/journeys/contacts/{ada.pk}/add/", {"journey": str(seeded.pk)})
    assert response.status_code == 404
    with schema_context(globex.schema_name):
        assert not Enrolment.objects.exists()
    connection.set_tenant(_acme())
    assert not Enrolment.objects.filter(contact=ada).exists()


def _acme() -> Any:
    from tenants.models import Workspace

    return Workspace.objects.get(slug="acme")


@pytest.mark.parametrize("address", ACTS)
def test_viewers_cannot_act(seeded: Journey, viewer_client: Client, address: str) -> None:
    run = Enrolment.objects.get(contact__email="p10@example.com")
    url = f"/journeys/{seeded.pk}/" + address.format(run=run.pk)
    before = (Journey.objects.values().get(), Enrolment.objects.values().get(pk=run.pk))
    assert viewer_client.post(url).status_code == 403
    assert (Journey.objects.values().get(), Enrolment.objects.values().get(pk=run.pk)) == before


def test_viewers_see_everything_and_are_offered_nothing(
    seeded: Journey, viewer_client: Client
) -> None:
    run = Enrolment.objects.get(contact__email="p10@example.com")
    for address in READS:
        url = f"/journeys/{seeded.pk}/" + address.format(run=run.pk)
        response = viewer_client.get(url)
        page = response.content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert response.status_code == 200
        assert 'method="post"' not in main
        assert "/publish/" not in main


def test_strangers_are_sent_to_the_door(seeded: Journey, acme: Any, client_of: Any) -> None:
    response = client_of(acme).get(f"/journeys/{seeded.pk}/")
    assert response.status_code == 302
    assert "Welcome" not in response.content.decode()


def test_the_panel_is_a_box_with_buttons_for_those_who_may_act(
    ada: Contact, acme_client: Client, viewer_client: Client, now: Any
) -> None:
    # given Ada, who waits in a journey
    journey = live(now, step("wait1", "wait", WAIT))
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    # when an owner and a viewer load the box
    url = f"/contacts/{ada.pk}/panels/journeys/"
    owners, viewers = (each.get(url).content.decode() for each in (acme_client, viewer_client))
    # then both see where she is, and only the owner is offered to act
    for page in (owners, viewers):
        assert "Wait: 2 days" in page
        assert "22 Nov, 13:00" in page
        assert "1 active" in page
    assert owners.count("<form") == 3
    assert "<form" not in viewers
