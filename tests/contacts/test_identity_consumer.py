"""Events find their contact."""

from contacts.consent import suppress
from contacts.consumers import identify
from contacts.models import Contact, Identity
from events.models import Event
from events.services import NewEvent, record_many


def given(now, *identifiers):
    record_many(
        events=[
            NewEvent(type="page.viewed", occurred_at=now, identifiers=each, source="site")
            for each in identifiers
        ],
        now=now,
    )
    return list(Event.objects.filter(type="page.viewed").order_by("id"))


def test_known_people_are_found_and_new_ones_made(contact, now):
    ada = contact("ada@example.com")
    events = given(
        now,
        {"email": "ADA@example.com", "anonymous_id": "browser-1"},
        {"email": "bo@example.com"},
        {"external_id": "c-9"},
        {"email": "bo@example.com", "external_id": "c-10"},
    )
    identify(events, now)
    bo = Contact.objects.get(email="bo@example.com")
    cy = Contact.objects.get(external_id="c-9")
    assert [e.contact_id for e in events] == [ada.pk, bo.pk, cy.pk, bo.pk]
    stored = Event.objects.filter(type="page.viewed").order_by("id")
    assert list(stored.values_list("contact_id", flat=True)) == [ada.pk, bo.pk, cy.pk, bo.pk]
    assert (bo.external_id, bo.source, bo.email_consent) == ("c-10", "site", "none")
    # and a browser seen once with a name is known from then on
    later = given(now, {"anonymous_id": "browser-1"})[-1:]
    identify(later, now)
    assert later[0].contact_id == ada.pk
    assert Identity.objects.count() == 1


def test_placeholders_and_browsers_make_nobody(now):
    events = given(
        now,
        *({"external_id": each} for each in ("null", "undefined", "anonymous", "0", "NaN")),
        {"anonymous_id": "browser-2"},
        {"phone": "+39061234567"},
        {"email": "nonsense"},
    )
    identify(events, now)
    assert {e.contact_id for e in events} == {None}
    assert not Contact.objects.exists()


def test_two_people_in_one_event_are_not_merged(contact, now):
    contact("ada@example.com")
    bo = contact(None, external_id="7")
    events = given(now, {"email": "ada@example.com", "external_id": "7"})
    identify(events, now)
    assert events[0].contact_id == bo.pk
    assert Contact.objects.count() == 2


def test_the_log_forgets_the_address_of_an_erased_person(now):
    suppress(addresses=["ada@example.com"], reason="erased", now=now)
    events = given(now, {"email": "ada@example.com"})
    identify(events, now)
    assert events[0].contact_id is None
    assert Event.objects.get(pk=events[0].pk).identifiers == {}
    assert not Contact.objects.exists()


def test_a_batch_costs_the_same_few_statements(now, django_assert_max_num_queries):
    events = given(now, *({"email": f"p{n % 400}@example.com"} for n in range(800)))
    with django_assert_max_num_queries(20):
        identify(events, now)
    assert Contact.objects.count() == 400
    assert all(e.contact_id for e in events)
