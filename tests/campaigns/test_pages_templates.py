"""Writing mails in the browser: nothing typed is lost, and problems stand where they belong."""

import re

import pytest

from campaigns.contracts import blocks
from campaigns.editing import changed_body
from campaigns.models import Message, Template, TemplateVersion

BODY = [
    {"kind": "heading", "settings": {"text": "Morning"}},
    {"kind": "text", "settings": {"html": "<p>Hello</p>"}},
    {"kind": "footer", "settings": {"reason": "You signed up."}},
]


def typed(body=BODY, **changed):
    """What the editor's page sends for these blocks."""
    data = {
        "name": "Welcome",
        "subject": "Hello",
        "preheader": "",
        "language": "en",
        "blocks": str(len(body)),
        "op": "save",
    }
    for number, block in enumerate(body, start=1):
        data[f"b{number}-kind"] = block["kind"]
        data.update({f"b{number}-{name}": value for name, value in block["settings"].items()})
    return {**data, **changed}


def kinds(page):
    return [each.kind for each in page.context["edited"].blocks]


def test_the_list_is_empty_at_first_and_finds_by_subject(acme_client, acme, now, hello):
    assert "Hello" in acme_client.get("/templates/?q=first_name").content.decode()
    assert "No template like this" in acme_client.get("/templates/?q=zzz").content.decode()
    Template.objects.update(live_version=None)
    Template.objects.all().delete()
    assert "No template yet" in acme_client.get("/templates/").content.decode()


@pytest.mark.parametrize("start", ["blank", "html", "copy"])
def test_a_mail_begins_empty_by_hand_or_as_a_copy(acme_client, hello, start):
    chosen = f"copy:{hello.pk.hex}" if start == "copy" else start
    answer = acme_client.post("/templates/new/", {"name": "Second", "start": chosen})
    made = Template.objects.get(name="Second")
    assert answer["Location"] == f"/templates/{made.pk}/"
    assert made.live_version.number == 1
    if start == "copy":
        assert (made.subject, made.body) == (hello.subject, hello.body)
    assert isinstance(made.body, dict) == (start == "html")
    assert acme_client.get(answer["Location"]).status_code == 200


def test_a_mail_without_a_name_is_not_made(acme_client):
    answer = acme_client.post("/templates/new/", {"name": " ", "start": "html"})
    assert answer.status_code == 422
    assert answer.context["start"] == "html"
    assert Template.objects.count() == 0


def test_saving_freezes_a_new_version(acme_client, hello):
    answer = acme_client.post(f"/templates/{hello.pk}/", typed())
    hello.refresh_from_db()
    assert answer.status_code == 302
    assert (hello.name, hello.subject, hello.live_version.number) == ("Welcome", "Hello", 2)
    assert [item["kind"] for item in hello.body] == ["heading", "text", "footer"]
    assert hello.body[1]["settings"]["html"] == "<p>Hello</p>"


@pytest.mark.parametrize("kind", sorted(blocks.keys()))
def test_every_kind_of_block_can_be_added_filled_in_and_saved(acme_client, hello, kind):
    # given a block added to a mail
    page = acme_client.post(f"/templates/{hello.pk}/", typed(op=f"add:{kind}"))
    assert kinds(page) == ["heading", "text", kind, "footer"]
    body = page.context["edited"].body
    form = blocks.get(kind).form_class()
    for name, field in form.fields.items():
        if field.required and not body[2]["settings"].get(name):
            body[2]["settings"][name] = "https://acme.example/a.png"

    # when it is filled in and saved
    answer = acme_client.post(f"/templates/{hello.pk}/", typed(body))

    # then it is stored as typed
    assert answer.status_code == 302
    hello.refresh_from_db()
    assert hello.body[2]["kind"] == kind


def test_blocks_move_double_and_go_without_saving(acme_client, hello):
    url = f"/templates/{hello.pk}/"
    for operation, at, expected in [
        ("up:2", "", ["text", "heading", "footer"]),
        ("down:1", "", ["text", "heading", "footer"]),
        ("down:3", "", ["heading", "text", "footer"]),
        ("copy:1", "", ["heading", "heading", "text", "footer"]),
        ("delete:2", "", ["heading", "footer"]),
        ("add:button", "0", ["button", "heading", "text", "footer"]),
        ("add:button", "3", ["heading", "text", "footer", "button"]),
        ("add:button", "99", ["heading", "text", "button", "footer"]),
        ("add:unknown", "", ["heading", "text", "footer"]),
        ("up:99", "", ["heading", "text", "footer"]),
        ("delete:0", "", ["heading", "text", "footer"]),
        ("nonsense", "", ["heading", "text", "footer"]),
    ]:
        page = acme_client.post(url, typed(op=operation, at=at, subject="Typed"))
        assert kinds(page) == expected, operation
        assert page.context["fields"]["subject"].value() == "Typed"
    assert TemplateVersion.objects.filter(template=hello).count() == 1


def test_htmx_gets_the_blocks_alone(acme_client, hello):
    answer = acme_client.post(
        f"/templates/{hello.pk}/", typed(op="add:space"), headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert text.startswith('<div class="blks" id="mail-blocks">')
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text


def test_a_mail_never_grows_beyond_its_most_blocks():
    body = [{"kind": "space", "settings": {}}] * 100
    for operation in ("add:space", "copy:1"):
        assert len(changed_body(body, operation, "")[0]) == 100


@pytest.mark.parametrize(
    ("changed", "number", "name", "sentence"),
    [
        ({"b2-html": ""}, 2, "html", "This field is required."),
        ({"b2-html": "<p>{{ contact.first_name </p>"}, 2, "html", "line 1 and never closes"),
        ({"b2-html": "<p>a</p>\n<p>{% if x %}</p>"}, 2, "html", "Line "),
        ({"b1-text": "{{ contact.name | nofilter: 1 }}"}, 1, "text", "nofilter"),
    ],
)
def test_a_problem_stands_at_its_field_and_nothing_is_lost(
    acme_client, hello, changed, number, name, sentence
):
    # given something wrong in one block
    answer = acme_client.post(f"/templates/{hello.pk}/", typed(**changed, subject="Kept"))

    # then the page comes back with it, the sentence at the field
    assert answer.status_code == 422
    block = answer.context["edited"].blocks[number - 1]
    assert sentence in " ".join(block.form.errors[name])
    assert block.form[name].value() == changed[f"b{number}-{name}"]
    assert answer.context["fields"]["subject"].value() == "Kept"
    # and nothing was saved
    hello.refresh_from_db()
    assert (hello.name, hello.live_version.number) == ("Hello", 1)


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [("", "This field is required."), ("Hi {{ name", "never closes"), ("x" * 256, "255")],
)
def test_a_bad_subject_says_so(acme_client, hello, subject, sentence):
    answer = acme_client.post(f"/templates/{hello.pk}/", typed(subject=subject))
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["fields"].errors["subject"])


def test_html_by_hand_keeps_what_was_typed_and_names_the_line(acme_client, hello):
    html = "<p>one</p>\n<p>{{ contact.first_name </p>"
    data = typed([], html=html)
    answer = acme_client.post(f"/templates/{hello.pk}/", data)
    assert answer.status_code == 422
    assert answer.context["edited"].html == html
    assert "line 2" in answer.context["edited"].html_problems[0]
    answer = acme_client.post(f"/templates/{hello.pk}/", {**data, "html": "<p>good</p>"})
    hello.refresh_from_db()
    assert (answer.status_code, hello.body) == (302, {"html": "<p>good</p>"})


def test_whoever_saves_second_is_told_first(acme_client, hello):
    # given the editor opened at version 1, and version 2 saved meanwhile
    acme_client.post(f"/templates/{hello.pk}/", typed(version="1", subject="Theirs"))
    # when the first one saves
    answer = acme_client.post(f"/templates/{hello.pk}/", typed(version="1", subject="Mine"))
    # then nothing is overwritten unasked, and the next save goes through
    assert answer.status_code == 422
    hello.refresh_from_db()
    assert hello.subject == "Theirs"
    [version] = re.findall(r'name="version" value="(\d+)"', answer.content.decode())
    acme_client.post(f"/templates/{hello.pk}/", typed(version=version, subject="Mine"))
    hello.refresh_from_db()
    assert (hello.subject, hello.live_version.number) == ("Mine", 3)


def test_before_you_send_says_what_is_odd(acme_client, hello):
    body = [
        {"kind": "text", "settings": {"html": "<p>Hi {{ contact.frist_name }}</p>"}},
        {"kind": "image", "settings": {"src": "https://acme.example/a.png"}},
    ]
    page = acme_client.post(f"/templates/{hello.pk}/", typed(body, op="up:1"))
    told = [(check.tone, check.text) for check in page.context["checks"]]
    assert ("warn", "There is no contact field “contact.frist_name”; it stays empty.") in told
    assert ("warn", "A picture has no description.") in told
    assert ("warn", "There is no unsubscribe link; add the footer block.") in told


def test_merge_fields_include_the_owners_own(acme_client, hello):
    from contacts.models import ContactField

    ContactField.objects.create(key="favourite_loaf", label="Favourite loaf")
    page = acme_client.get(f"/templates/{hello.pk}/").content.decode()
    assert "{{ contact.favourite_loaf }}" in page
    assert "{{ contact.first_name }}" in page


def test_the_preview_is_the_mail_for_somebody_in_a_frame_that_may_do_nothing(
    acme_client, hello, subscriber
):
    maya = subscriber("maya@example.com", first_name="Maya")
    url = f"/templates/{hello.pk}/preview"
    for chosen, name in [("", "Ada"), (str(maya.pk), "Maya"), ("nonsense", "Ada")]:
        answer = acme_client.get(url, {"contact": chosen})
        assert f"Dear {name}" in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    # neither a click is counted nor anybody unsubscribed from here
    html = answer.content.decode()
    assert "https://acme.example/shop" in html
    assert "/r/" not in html
    assert "/u/" not in html


def test_the_preview_shows_what_is_typed_before_it_is_saved(acme_client, hello):
    url = f"/templates/{hello.pk}/preview"
    answer = acme_client.post(url, typed(**{"b2-html": "<p>Not saved yet</p>"}))
    assert "Not saved yet" in answer.content.decode()
    answer = acme_client.post(url, typed(view="text", **{"b2-html": "<p>Plain</p>"}))
    assert "<pre" in answer.content.decode()
    assert "Plain\n" in answer.content.decode()
    answer = acme_client.post(url, typed(**{"b2-html": "<p>{{ x </p>"}))
    assert answer.status_code == 422
    assert "never closes" in answer.content.decode()
    assert TemplateVersion.objects.filter(template=hello).count() == 1


def test_a_test_is_saved_first_and_goes_to_the_reader(acme_client, hello, owner, subscriber):
    maya = subscriber("maya@example.com")
    acme_client.post(f"/templates/{hello.pk}/", typed(op="test", contact=str(maya.pk)))
    message = Message.objects.get()
    assert (message.to_address, message.contact_id) == (owner.email, maya.pk)
    assert message.template_version.number == 2
    assert message.lane == 0


def test_globex_sees_no_mail_of_acme(globex_client, globex, hello):
    for path in (f"/templates/{hello.pk}/", f"/templates/{hello.pk}/preview"):
        assert globex_client.get(path).status_code == 404
        assert globex_client.post(path, typed()).status_code == 404
    copied = {"name": "Stolen", "start": f"copy:{hello.pk.hex}"}
    assert globex_client.post("/templates/new/", copied).status_code == 404
    assert b"Dear" not in globex_client.get("/templates/").content


def test_a_viewer_changes_nothing(acme, client_of, hello):
    from tenants.models import Membership, User

    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery", name="V")
    Membership.objects.create(user=viewer, workspace=acme, role="viewer")
    client = client_of(acme, viewer)
    assert client.get(f"/templates/{hello.pk}/").status_code == 200
    assert client.post(f"/templates/{hello.pk}/", typed()).status_code == 403
    hello.refresh_from_db()
    assert hello.live_version.number == 1
