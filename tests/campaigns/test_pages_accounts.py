"""The sending accounts in the settings: for admins only, and secrets are never shown again."""

import pytest

from campaigns.models import ProviderAccount
from campaigns.outbound import providers
from core.mail_url import parse_mail_url
from tenants.models import AuditEntry, Membership, User

SMTP = {
    "label": "Ours",
    "rate": "20",
    "burst": "50",
    "account-host": "mail.acme.example",
    "account-port": "587",
    "account-security": "starttls",
    "account-username": "acme",
    "account-password": "s3cret-of-acme",
}


@pytest.fixture
def account(now):
    """`account("Ours", ...)`: an SMTP account."""

    def make(label, **fields):
        credentials = fields.pop("credentials", {"host": "127.0.0.1", "port": 1})
        return ProviderAccount.objects.create(
            kind="smtp", label=label, credentials=credentials, tokens_at=now, **fields
        )

    return make


@pytest.mark.parametrize("kind", sorted(providers.keys()))
def test_every_provider_has_a_page_that_asks_for_its_credentials(acme_client, kind):
    page = acme_client.get(f"/settings/sending/new/{kind}/")
    assert page.status_code == 200
    for name in providers.get(kind).form_class().fields:
        assert f'name="account-{name}"' in page.content.decode()


def test_the_first_account_becomes_the_default(acme_client):
    assert "No account of your own" in acme_client.get("/settings/sending/").content.decode()
    acme_client.post("/settings/sending/new/smtp/", SMTP)
    acme_client.post("/settings/sending/new/smtp/", {**SMTP, "label": "Second"})
    first, second = ProviderAccount.objects.order_by("label")
    assert (first.is_default, second.is_default) == (True, False)
    assert first.credentials["password"] == "s3cret-of-acme"
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="account.")] == [
        "account.created"
    ] * 2


def test_a_secret_is_never_shown_again_and_stays_when_left_empty(acme_client):
    acme_client.post("/settings/sending/new/smtp/", SMTP)
    account = ProviderAccount.objects.get()
    url = f"/settings/sending/{account.pk}/"
    # when it is opened, or refused, the secret is on no page
    assert b"s3cret" not in acme_client.get(url).content
    wrong = acme_client.post(url, {**SMTP, "account-port": "0"})
    assert wrong.status_code == 422
    assert b"s3cret" not in wrong.content
    # when something else is changed, it stays
    changed = {**SMTP, "account-password": "", "account-host": "other.example"}
    assert acme_client.post(url, changed).status_code == 302
    account.refresh_from_db()
    assert account.credentials["host"] == "other.example"
    assert account.credentials["password"] == "s3cret-of-acme"


def test_bad_settings_come_back_with_what_was_typed(acme_client):
    answer = acme_client.post("/settings/sending/new/smtp/", {**SMTP, "account-host": ""})
    assert answer.status_code == 422
    assert answer.context["credentials"].errors["host"] == ["This field is required."]
    assert answer.context["fields"]["label"].value() == "Ours"
    assert ProviderAccount.objects.count() == 0


def test_one_account_is_the_default_and_one_that_is_off_never(acme_client, account):
    first, second = account("First", is_default=True), account("Second")
    acme_client.post(f"/settings/sending/{second.pk}/default/")
    assert list(ProviderAccount.objects.filter(is_default=True)) == [second]
    # when the default is switched off, then there is none
    acme_client.post(f"/settings/sending/{second.pk}/switch/", {"on": "0"})
    assert not ProviderAccount.objects.filter(is_default=True).exists()
    # and it cannot become the default while it is off
    answer = acme_client.post(f"/settings/sending/{second.pk}/default/", follow=True)
    assert "Switch the account on first." in answer.content.decode()
    assert not ProviderAccount.objects.filter(is_default=True).exists()
    acme_client.post(f"/settings/sending/{second.pk}/switch/", {"on": "1"})
    acme_client.post(f"/settings/sending/{second.pk}/default/")
    assert list(ProviderAccount.objects.filter(is_default=True)) == [second]
    first.refresh_from_db()
    assert first.is_active


def test_trying_an_account_sends_the_reader_a_mail(acme_client, office, settings, owner, account):
    ours = account("Ours", credentials=parse_mail_url(settings.EMAIL_URL), failures=5)
    answer = acme_client.post(f"/settings/sending/{ours.pk}/test/", follow=True)
    assert "The provider took the test mail." in answer.content.decode()
    [envelope] = office.taken
    assert envelope.rcpt_tos == [owner.email]
    ours.refresh_from_db()
    assert ours.failures == 0


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [("550 5.7.1 not from here", "refused the test mail: 5.7.1"), ("cut", "not certain")],
)
def test_what_the_provider_says_is_told(acme_client, office, settings, account, reply, sentence):
    office.answers = [reply]
    ours = account("Ours", credentials=parse_mail_url(settings.EMAIL_URL))
    answer = acme_client.post(f"/settings/sending/{ours.pk}/test/", follow=True)
    assert sentence in answer.content.decode()


def test_an_account_nobody_answers_at_says_so(acme_client, account):
    answer = acme_client.post(f"/settings/sending/{account('Dead').pk}/test/", follow=True)
    assert "could not be reached" in answer.content.decode()


def test_only_admins_come_in(acme, client_of, account):
    ours = account("Ours", is_default=True)
    editor = User.objects.create_user("editor@acme.example", "correct horse battery", name="E")
    Membership.objects.create(user=editor, workspace=acme, role="editor")
    client = client_of(acme, editor)
    for path in ("", "new/smtp/", f"{ours.pk}/"):
        assert client.get(f"/settings/sending/{path}").status_code == 403
    for path in ("default", "switch", "test"):
        assert client.post(f"/settings/sending/{ours.pk}/{path}/").status_code == 403
    ours.refresh_from_db()
    assert (ours.is_active, ours.is_default) == (True, True)


def test_globex_reaches_no_account_of_acme(globex_client, globex, account):
    ours = account("Ours")
    assert globex_client.get(f"/settings/sending/{ours.pk}/").status_code == 404
    for path in ("default", "switch", "test"):
        assert globex_client.post(f"/settings/sending/{ours.pk}/{path}/").status_code == 404
    assert globex_client.get("/settings/sending/new/unknown/").status_code == 404
