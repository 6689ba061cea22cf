"""Creating and updating contacts in bulk, and finding them again."""

from contacts.identity import ContactRow, resolve, resolve_many, upsert_contacts
from contacts.models import Contact, ContactField, Identity
from contacts.tags import tags_of


def test_new_and_known_people_and_bad_rows_each_get_their_own_answer(contact, now, events_of):
    # given somebody known
    ada = contact("ada@example.com", first_name="Ada", fields={"loaf": "rye"})
    ContactField.objects.create(key="loaf", label="Loaf")
    # when five rows come
    results = upsert_contacts(
        rows=[
            ContactRow(email=" Ada@Example.com ", last_name="Lovelace", fields={"loaf": "rye"}),
            ContactRow(email="bo@example.com", first_name="Bo", tags=["VIP"]),
            ContactRow(email="not an address"),
            ContactRow(email="ada@example.com", first_name="Ada"),
            ContactRow(email="cy@example.com", fields={"shoe": "41"}),
        ],
        source="api",
        now=now,
    )
    # then each has its result
    assert [r.status for r in results] == [
        "updated",
        "created",
        "refused",
        "unchanged",
        "refused",
    ]
    assert results[0].contact_id == results[3].contact_id == ada.pk
    assert (results[2].problem.code, results[2].problem.field) == ("invalid_email", "email")
    assert (results[4].problem.code, results[4].problem.field) == ("unknown_field", "fields.shoe")
    # and only the good ones are written
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name, ada.fields) == ("Ada", "Lovelace", {"loaf": "rye"})
    bo = Contact.objects.get(email="bo@example.com")
    assert (bo.source, bo.email_consent, tags_of([bo.pk])) == ("api", "none", {bo.pk: ["VIP"]})
    assert Contact.objects.count() == 2
    assert events_of(ada) == [
        ("field.changed", {"field": "last_name", "value": "Lovelace", "source": "api"})
    ]
    assert events_of(bo) == [
        ("contact.created", {"source": "api"}),
        ("contact.tagged", {"tag": "VIP", "source": "api"}),
    ]


def test_one_person_twice_in_a_batch_is_one_contact(now):
    results = upsert_contacts(
        rows=[
            ContactRow(email="ada@example.com", first_name="Ada"),
            ContactRow(external_id="7", first_name="Bo"),
            ContactRow(email="ADA@example.com", last_name="Lovelace"),
        ],
        source="api",
        now=now,
    )
    assert [r.status for r in results] == ["created", "created", "updated"]
    assert results[0].contact_id == results[2].contact_id
    ada = Contact.objects.get(email="ada@example.com")
    assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")


def test_an_address_and_an_id_of_two_people_are_refused_and_change_nothing(contact, now):
    ada = contact("ada@example.com")
    bo = contact(None, external_id="7")
    result = upsert_contacts(
        rows=[ContactRow(email="ada@example.com", external_id="7", first_name="X")],
        source="api",
        now=now,
    )[0]
    assert (result.status, result.problem.code) == ("refused", "identity_conflict")
    ada.refresh_from_db()
    bo.refresh_from_db()
    assert (ada.external_id, ada.first_name, bo.email, bo.first_name) == (None, "", None, "")


def test_a_new_address_keeps_the_former_one_as_an_identity(contact, now):
    ada = contact("old@example.com", external_id="7")
    upsert_contacts(
        rows=[ContactRow(email="new@example.com", external_id="7")], source="api", now=now
    )
    ada.refresh_from_db()
    assert ada.email == "new@example.com"
    assert resolve({"email": "OLD@example.com"}) == ada
    # and the former address makes no second contact
    again = upsert_contacts(rows=[ContactRow(email="old@example.com")], source="api", now=now)[0]
    assert (again.status, again.contact_id) == ("unchanged", ada.pk)


def test_unknown_fields_are_made_on_request_and_typed_by_their_value(now):
    upsert_contacts(
        rows=[ContactRow(email="a@example.com", fields={"visits": 3, "vip": True, "loaf": "rye"})],
        source="api",
        now=now,
        create_fields=True,
    )
    assert dict(ContactField.objects.values_list("key", "type")) == {
        "visits": "number",
        "vip": "boolean",
        "loaf": "text",
    }
    assert Contact.objects.get().fields == {"visits": 3, "vip": True, "loaf": "rye"}


def test_fill_only_never_overwrites(contact, now):
    ada = contact("ada@example.com", first_name="Ada")
    upsert_contacts(
        rows=[ContactRow(email="ada@example.com", first_name="X", last_name="L", external_id="7")],
        source="events",
        now=now,
        fill_only=True,
    )
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name, ada.external_id) == ("Ada", "L", "7")


def test_nobody_is_named_by_a_placeholder_or_nothing(now):
    results = upsert_contacts(
        rows=[ContactRow(external_id="undefined"), ContactRow(first_name="Ada")],
        source="api",
        now=now,
    )
    assert [r.problem.code for r in results] == ["placeholder_id", "no_identifier"]
    assert not Contact.objects.exists()


def test_many_are_resolved_in_order_in_one_statement(contact, django_assert_num_queries):
    ada = contact("ada@example.com")
    bo = contact(None, external_id="7", phone="+390612345")
    Identity.objects.create(contact=ada, kind="anonymous_id", value="browser-1")
    # each cursor sets the search path first
    with django_assert_num_queries(2):
        found = resolve_many(
            [
                {"external_id": "7"},
                {"email": "nobody@example.com"},
                {"anonymous_id": "browser-1"},
                {"email": "Ada@example.com", "phone": "nonsense"},
                {"phone": "+39 06 12345"},
                {"external_id": "null"},
            ]
        )
    assert found == [bo.pk, None, ada.pk, ada.pk, bo.pk, None]


def test_a_thousand_rows_take_a_bounded_number_of_statements(now, django_assert_max_num_queries):
    rows = [ContactRow(email=f"p{n}@example.com", tags=["all"]) for n in range(1000)]
    with django_assert_max_num_queries(32):
        results = upsert_contacts(rows=rows, source="api", now=now)
    assert {r.status for r in results} == {"created"}
    assert Contact.objects.count() == 1000
