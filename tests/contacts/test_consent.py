"""The ledger, the status it adds up to, the suppression list."""

import pytest
from django.db import DatabaseError, transaction

from contacts.consent import erased_among, record_consent, suppress
from contacts.erasure import erase_contact
from contacts.identity import ContactRow, upsert_contacts
from contacts.models import ConsentEntry, ConsentWording, Contact, Identity, Suppression
from contacts.tags import add_tag
from core.errors import Invalid
from events.models import Event
from events.services import record


def ledger():
    return list(ConsentEntry.objects.order_by("id").values_list("action", "source", "ip"))


def test_asking_confirming_and_leaving_are_all_on_record(contact, now, events_of):
    ada = contact("ada@example.com")
    wording = ConsentWording.objects.create(key="test", text="Yes, write to me.")
    for action, source in [
        ("requested", "form"),
        ("subscribed", "form"),
        ("unsubscribed", "one_click"),
        ("unsubscribed", "one_click"),
    ]:
        record_consent(
            contact_ids=[ada.pk], action=action, source=source, wording=wording,
            ip="203.0.113.9", now=now,
        )  # fmt: skip
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    # leaving twice is leaving once
    assert ledger() == [
        ("requested", "form", "203.0.113.9"),
        ("subscribed", "form", "203.0.113.9"),
        ("unsubscribed", "one_click", "203.0.113.9"),
    ]
    assert [kind for kind, _data in events_of(ada)] == [
        "consent.requested",
        "consent.confirmed",
        "consent.withdrawn",
    ]


def test_being_asked_lowers_nobody(contact, now):
    ada = contact("ada@example.com", email_consent="subscribed")
    bo = contact("bo@example.com", email_consent="unsubscribed")
    changed = record_consent(
        contact_ids=[ada.pk, bo.pk], action="requested", source="form", now=now
    )
    assert changed == set()
    assert set(Contact.objects.values_list("email_consent", flat=True)) == {
        "subscribed",
        "unsubscribed",
    }


def test_an_import_cannot_confirm_a_consent(contact, now):
    ada = contact("ada@example.com")
    with pytest.raises(Invalid) as refused:
        record_consent(contact_ids=[ada.pk], action="subscribed", source="import", now=now)
    assert refused.value.code == "import_consent"
    assert ledger() == []


@pytest.mark.parametrize("change", ["UPDATE {} SET source = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_ledger(contact, now, change):
    from django.db import connection

    record_consent(
        contact_ids=[contact("a@example.com").pk], action="subscribed", source="manual", now=now
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(ConsentEntry._meta.db_table))
    assert ledger() == [("subscribed", "manual", None)]


def test_a_complaint_is_a_withdrawal_too(contact, now):
    ada = contact("ada@example.com", email_consent="subscribed")
    assert suppress(addresses=["Ada@example.com"], reason="complained", now=now) == {
        "ada@example.com"
    }
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"
    assert ledger() == [("unsubscribed", "complaint", None)]
    assert not Contact.objects.mailable().exists()


def test_erasure_leaves_a_hash_and_nothing_else(contact, now):
    # given a person with everything
    ada = contact("ada@example.com", first_name="Ada", phone="+39061234567")
    Identity.objects.create(contact=ada, kind="email", value="old@example.com")
    record_consent(contact_ids=[ada.pk], action="subscribed", source="form", now=now)
    add_tag(contact_ids=[ada.pk], name="VIP", now=now)
    record(
        type="order.placed", now=now, contact_id=ada.pk,
        identifiers={"email": "ada@example.com"}, data={"name": "Ada"},
    )  # fmt: skip
    suppress(addresses=["old@example.com"], reason="bounced", now=now)
    # when they ask to be forgotten
    assert erase_contact(contact_id=ada.pk, now=now) is True
    # then only the hashes know them
    assert not Contact.objects.exists()
    assert ledger() == []
    assert set(Event.objects.values_list("type", "contact_id")) >= {("order.placed", ada.pk)}
    assert all(not e.data and not e.identifiers for e in Event.objects.all())
    values = set(Suppression.objects.values_list("value", "reason"))
    assert len(values) == 2
    assert {reason for _value, reason in values} == {"erased"}
    assert all("@" not in value for value, _reason in values)
    assert erased_among(["ada@example.com", "bo@example.com"]) == {"ada@example.com"}
    # and the ledger is guarded again
    other = contact("bo@example.com")
    record_consent(contact_ids=[other.pk], action="subscribed", source="manual", now=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentEntry.objects.all().delete()
    # and nobody but themselves brings them back
    result = upsert_contacts(rows=[ContactRow(email="ada@example.com")], source="api", now=now)[0]
    assert result.problem.code == "erased_contact"
    result = upsert_contacts(
        rows=[ContactRow(email="ada@example.com")], source="form", now=now, allow_erased=True
    )[0]
    assert result.status == "created"
    record_consent(contact_ids=[result.contact_id], action="subscribed", source="form", now=now)
    assert erased_among(["ada@example.com"]) == set()


def test_nobody_is_erased_twice(now):
    from core.ids import uuid7

    assert erase_contact(contact_id=uuid7(), now=now) is False
