"""Who got, opened or clicked what: human only, of the campaigns each person really received."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Message
from contacts.models import Contact
from contacts.segments import clean_config, describe, in_segment, scope_at


@pytest.fixture
def got(hello, now):
    """`got(ada, 3, opened=True)`: a campaign's mail three days ago, and what she did with it."""

    def make(contact, days, *, opened=False, clicked=False, machine=False, lane=2, **changed):
        at = now - timedelta(days=days)
        campaign = Campaign.objects.create(name=f"Day {days}", template=hello, status="sent")
        fields = {
            "status": "delivered",
            "sent_at": at,
            "opened_at": at if opened or clicked else None,
            "clicked_at": at if clicked else None,
            "machine_opened_at": at if machine else None,
            "campaign_id": campaign.pk if lane == 2 else None,
            **changed,
        }
        return Message.objects.create(
            send_key=f"k{Message.objects.count()}", contact=contact, lane=lane,
            template_version=hello.live_version, to_address=contact.email, **fields,
        )  # fmt: skip

    return make


@pytest.fixture
def ada(subscriber):
    return subscriber("ada@example.com")


@pytest.fixture
def bob(subscriber):
    return subscriber("bob@example.com")


def who(now, **config):
    cleaned, problems = clean_config("mail_activity", config)
    assert problems == []
    found = in_segment({"kind": "mail_activity", "config": cleaned}, scope_at(now))
    return set(found.values_list("email", flat=True))


def words(**config):
    cleaned, _problems = clean_config("mail_activity", config)
    return describe({"kind": "mail_activity", "config": cleaned})


def test_opened_is_what_people_opened(got, ada, bob, now):
    got(ada, 3, opened=True)
    got(bob, 3, machine=True)
    assert who(now, did="opened") == {"ada@example.com"}
    assert who(now, did="opened", negate=True) == {"bob@example.com"}
    assert who(now, did="received") == {"ada@example.com", "bob@example.com"}
    assert who(now, did="clicked") == set()


def test_none_of_the_last_five_means_five_received(got, ada, bob, subscriber, now):
    # given three who ignored what they got: five campaigns, four, and five after one opened
    eve = subscriber("eve@example.com")
    for days in range(1, 6):
        got(ada, days)
        got(eve, days)
    for days in range(1, 5):
        got(bob, days)
    got(eve, 6, opened=True)
    ignored = {"did": "opened", "negate": True, "last_campaigns": 5}
    assert who(now, **ignored) == {"ada@example.com", "eve@example.com"}
    # and somebody who opened the fifth one back has not ignored the last five
    assert who(now, **{**ignored, "last_campaigns": 4}) == {
        "ada@example.com", "bob@example.com", "eve@example.com",
    }  # fmt: skip
    assert who(now, did="opened", last_campaigns=6) == {"eve@example.com"}
    assert who(now, did="opened", last_campaigns=5) == set()


@pytest.mark.parametrize(
    "changed",
    [{"status": "bounced"}, {"sent_at": None, "status": "skipped"}, {"lane": 1}],
)
def test_what_was_not_received_or_no_campaign_is_not_one_of_the_last(got, ada, now, changed):
    # given one opened, then two that do not count, of the last two
    got(ada, 9, opened=True)
    got(ada, 5)
    for days in (1, 2):
        got(ada, days, **changed)
    assert who(now, did="opened", last_campaigns=2) == {"ada@example.com"}


def test_how_often_and_when(got, ada, bob, now):
    got(ada, 40, clicked=True)
    got(ada, 3, clicked=True)
    got(bob, 40, clicked=True)
    assert who(now, did="clicked", times=2) == {"ada@example.com"}
    assert who(now, did="clicked", within_days=30) == {"ada@example.com"}
    assert who(now, did="clicked", times=2, within_days=30) == set()
    assert who(now, did="received", times=2) == {"ada@example.com"}
    assert who(now, did="opened", last_campaigns=3, times=2) == {"ada@example.com"}


def test_journeys_count_and_transactional_mail_does_not(got, ada, bob, now):
    got(ada, 1, lane=1, opened=True)
    got(bob, 1, lane=0, opened=True)
    assert who(now, did="opened") == {"ada@example.com"}


def test_it_sees_nothing_later_than_its_moment(got, ada, now):
    got(ada, 2, opened=True)
    assert who(now - timedelta(days=3), did="opened") == set()
    assert who(now - timedelta(days=3), did="received") == set()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"did": "opened"}, "People who opened any mail"),
        ({"did": "received", "times": 3}, "People who got at least 3 mails"),
        (
            {"did": "opened", "negate": True, "last_campaigns": 5},
            "People who did not open any of the last 5 campaigns they received",
        ),
        (
            {"did": "clicked", "last_campaigns": 5, "times": 2, "within_days": 30},
            "People who clicked in at least 2 of the last 5 campaigns they received in the last"
            " 30 days",
        ),
    ],
)
def test_it_is_told_in_words(db, config, expected):
    assert words(**config) == expected


@pytest.mark.parametrize(
    "config",
    [
        {"did": "read"},
        {"did": "opened", "times": 0},
        {"did": "opened", "last_campaigns": 101},
        {"did": "opened", "times": 3, "last_campaigns": 2},
        {"did": "received", "last_campaigns": 2},
        {"did": "opened", "within_days": "x"},
    ],
)
def test_nonsense_is_refused(db, config):
    _cleaned, problems = clean_config("mail_activity", config)
    assert problems


def test_it_is_one_statement_and_reads_people_by_their_own_index(got, ada, now):
    # given so many messages to others that the way to a person's own is worth an index
    got(ada, 1)
    table = Message._meta.db_table
    columns = ", ".join(
        f'"{each.column}"'
        for each in Message._meta.concrete_fields
        if each.name not in ("id", "send_key", "contact")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (id, email, phone, first_name, last_name, language,"
            " timezone, fields, email_consent, source, created_at, updated_at)"
            " SELECT gen_random_uuid(), 'p' || n || '@example.com', '', '', '', '', '', '{}',"
            " 'none', '', now(), now() FROM generate_series(1, 2000) AS n"
        )
        cursor.execute(
            f"INSERT INTO {table} (id, send_key, contact_id, {columns})"
            f" SELECT gen_random_uuid(), 'more:' || person.id, person.id, {columns}"
            f" FROM {table}, contacts_contact AS person WHERE person.email LIKE 'p%%'",
            [],
        )
        cursor.execute(f"ANALYZE {table}, contacts_contact")
    config, _problems = clean_config(
        "mail_activity", {"did": "opened", "negate": True, "last_campaigns": 5}
    )
    people = in_segment({"kind": "mail_activity", "config": config}, scope_at(now))
    with CaptureQueriesContext(connection) as seen:
        assert list(people) == []
    assert len([each for each in seen if "search_path" not in each["sql"]]) == 1
    with connection.cursor() as cursor:
        sql, parameters = people.filter(pk=ada.pk).query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "message_of_contact" in plan


def test_globex_knows_nothing_of_acme_s_mail(got, ada, globex, now):
    got(ada, 1, opened=True)
    connection.set_tenant(globex)
    Contact.objects.create(pk=ada.pk, email="ada@example.com")
    assert who(now, did="opened") == set()
