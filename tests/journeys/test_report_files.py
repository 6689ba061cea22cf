"""The report as files: the same figures, the same period, the same people."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from journeys.models import Journey
from tenants.models import Membership, User
from tests.journeys.seeding import seed

pytestmark = pytest.mark.usefixtures("two_days_later")

FIRST_DAY = {"period": "own", "since": "2026-11-20", "until": "2026-11-20"}


@pytest.fixture
def seeded(acme: Any, now: datetime) -> Journey:
    """Ten came in at `now`, two more two days later."""
    return seed(now)


def lines(client: Client, journey: Journey, address: str, **given: str) -> list[list[str]]:
    response = client.get(f"/journeys/{journey.pk}/{address}", given)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text[0] == "\ufeff"
    return list(csv.reader(io.StringIO(text[1:])))


def test_the_steps_with_their_figures(seeded: Journey, acme_client: Client) -> None:
    # when the file of the first day is fetched
    rows = lines(acme_client, seeded, "report/steps.csv", **FIRST_DAY)
    # then it has a line for each figure of each step
    assert rows[0] == ["Step", "Name", "Kind", "Figure", "People", "Of", "Value"]
    assert [row[3:] for row in rows if row[0] == "mail1"] == [
        ["Entered", "10", "", ""], ["Delivered", "9", "10", ""], ["Opened", "4", "9", ""],
        ["Clicked", "2", "9", ""], ["Sent", "10", "", ""], ["Bounced", "1", "10", ""],
        ["Went on", "10", "10", ""], ["Here now", "0", "10", ""],
    ]  # fmt: skip
    assert [row[3:6] for row in rows if row[0] == "split1"] == [
        ["Entered", "9", ""], ["Yes", "3", "9"], ["No", "6", "9"], ["Here now", "0", "9"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "begins"),
    [("day", ["2026-11-20", "2026-11-22"]), ("week", ["2026-11-16"])],
)
def test_the_days_and_weeks_people_came_in(
    seeded: Journey, acme_client: Client, unit: str, begins: list[str]
) -> None:
    # when the file is fetched
    header, *rows = lines(acme_client, seeded, f"report/by-{unit}.csv")
    # then each line says what became of those who came in then
    assert header[:3] == ["From", "Everyone who entered", "In progress"]
    assert [row[0] for row in rows] == begins
    assert [sum(int(row[at]) for row in rows) for at in (1, 2, 3, 4)] == [12, 2, 7, 3]
    assert acme_client.get(f"/journeys/{seeded.pk}/report/by-hour.csv").status_code == 404


def test_the_people_behind_a_number(seeded: Journey, acme_client: Client) -> None:
    # given somebody whose name is a formula
    Contact.objects.filter(email="p04@example.com").update(first_name="=1+1")
    # when the list behind a number is fetched
    asked = {"step": "out1", "what": "left:exit:No VIP", **FIRST_DAY}
    header, *rows = lines(acme_client, seeded, "people/file/", **asked)
    # then it has exactly them, and no cell acts
    assert header == ["Name", "Email", "State", "Where", "Entered", "Ended", "Reason"]
    assert sorted(row[1] for row in rows) == [f"p{number:02}@example.com" for number in range(3, 9)]
    assert [row[0] for row in rows if row[1] == "p04@example.com"] == ["'=1+1"]
    assert {(*row[2:4], row[6]) for row in rows} == {("Left early", "", "Left: No VIP")}
    nothing = acme_client.get(f"/journeys/{seeded.pk}/people/file/", {"what": "nonsense"})
    assert nothing.status_code == 404


def test_a_viewer_takes_no_people_home(seeded: Journey, acme: Any, client_of: Any) -> None:
    # given somebody who may look and do nothing
    user = User.objects.create_user("viewer@acme.example", "correct horse battery")
    Membership.objects.create(user=user, workspace=acme, role=Membership.Role.VIEWER)
    client = client_of(acme, user)
    # then they have the figures, and neither the file of people nor its button
    assert lines(client, seeded, "report/by-day.csv")[1][1] == "10"
    assert client.get(f"/journeys/{seeded.pk}/people/file/").status_code == 403
    assert "Download as CSV" not in client.get(f"/journeys/{seeded.pk}/people/").content.decode()
