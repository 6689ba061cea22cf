"""Sign-in, second factor and password reset: no word about who has an account, few guesses."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache

from tenants.models import SystemMail

PASSWORD = "correct horse battery"


@pytest.fixture
def verified(owner, settings):
    """Acme's owner, whose address is confirmed."""
    settings.EMAIL_BACKEND = "tenants.system_mail.RowBackend"
    owner.set_password(PASSWORD)  # hashed quickly, see conftest
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    return owner


def sign_in(public, email, password=PASSWORD, **headers):
    return public.post("/sign-in/", {"login": email, "password": password}, headers=headers)


def test_the_right_password_opens_the_chooser(public, verified):
    answer = sign_in(public, "Owner@Acme.example")
    assert (answer.status_code, answer["Location"]) == (302, "/workspaces/")
    assert answer.cookies["django_language"].value == "en"


def test_a_wrong_password_and_an_unknown_address_read_the_same(public, verified):
    def words(email: str) -> str:
        page = sign_in(public, email, "not the password")
        assert page.status_code == 200
        return str(page.context["form"].errors)

    assert words("owner@acme.example") == words("nobody@nowhere.example")


def test_an_unconfirmed_address_gets_a_fresh_link_and_no_way_in(public, verified):
    EmailAddress.objects.update(verified=False)
    answer = sign_in(public, verified.email)
    assert answer["Location"] == "/check-your-mail/"
    assert public.get("/workspaces/")["Location"].startswith("/sign-in/")
    assert SystemMail.objects.get().subject == "Confirm your email for Viaggio"


def test_guessing_one_address_ends_in_patience(public, verified, settings):
    # given somebody who guesses from many places
    settings.TRUSTED_PROXIES = 1
    statuses = [
        sign_in(public, verified.email, "guess", **{"x-forwarded-for": f"203.0.113.{place}"})
        for place in range(21)
    ]
    assert {page.status_code for page in statuses[:20]} == {200}
    assert (statuses[20].status_code, statuses[20]["Retry-After"]) == (429, "300")


def test_guessing_from_one_place_ends_in_patience_whatever_it_claims(public, verified):
    pages = [
        sign_in(public, f"{number}@x.example", **{"x-forwarded-for": f"203.0.113.{number}"})
        for number in range(31)
    ]
    assert [page.status_code for page in pages[29:]] == [200, 429]


def test_resetting_a_password_says_the_same_to_everyone(public, verified):
    known = public.post("/password/reset/", {"email": verified.email})
    unknown = public.post("/password/reset/", {"email": "nobody@nowhere.example"})

    assert known["Location"] == unknown["Location"] == "/password/reset/done/"
    [mail] = SystemMail.objects.all()
    assert mail.to_address == verified.email
    # and the link works once
    link = re.search(r"http://localhost:\d+(/password/reset/key/\S+)", mail.text)[1]
    page = public.get(link, follow=True)
    form = {"password1": "another day entirely", "password2": "another day entirely"}
    assert public.post(page.redirect_chain[-1][0], form).status_code == 302
    verified.refresh_from_db()
    assert verified.check_password("another day entirely")
    assert "used up" in public.get(link, follow=True).content.decode()


def code_for(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_second_factor_is_asked_for_and_its_secret_is_encrypted(public, verified):
    # given an owner who turns the second factor on
    sign_in(public, verified.email)
    page = public.get("/account/second-factor/totp/activate/")
    if page.status_code == 302:
        public.post("/account/reauthenticate/", {"password": PASSWORD})
        page = public.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    public.post("/account/second-factor/totp/activate/", {"code": code_for(secret)})
    stored = Authenticator.objects.get(type="totp")
    assert secret not in str(stored.data)

    # when they sign in again
    public.post("/sign-out/")
    answer = sign_in(public, verified.email)

    # then the password alone opens nothing
    assert answer["Location"].startswith("/account/second-factor/authenticate/")
    assert public.get("/workspaces/")["Location"].startswith("/sign-in/")
    wrong = public.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    cache.clear()  # the code was used above, and is good once
    answer = public.post("/account/second-factor/authenticate/", {"code": code_for(secret)})
    assert answer["Location"] == "/workspaces/"


@pytest.mark.parametrize(
    "path",
    [
        "/account/",
        "/account/email/",
        "/account/password/",
        "/account/second-factor/",
        "/sign-out/",
        "/workspaces/?choose=1",
    ],
)
def test_pages_of_the_account_answer(public, verified, path):
    assert public.get(path).status_code in {302, 200}
    sign_in(public, verified.email)
    assert public.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/sign-up/", "/sign-in/", "/check-your-mail/", "/password/reset/"]
)
def test_pages_for_everyone_answer_in_two_languages(public, path):
    for language in ("en", "it"):
        page = public.get(path, headers={"accept-language": language})
        assert page.status_code == 200
        assert f'lang="{language}"' in page.content.decode()


def test_name_and_language_are_kept(public, verified):
    sign_in(public, verified.email)
    answer = public.post("/account/", {"name": "Ada", "language": "it"})
    assert answer.cookies["django_language"].value == "it"
    verified.refresh_from_db()
    assert (verified.name, verified.language) == ("Ada", "it")
    assert public.post("/account/", {"name": "", "language": "it"}).status_code == 422


def test_a_mail_is_written_in_its_readers_language(public, verified):
    type(verified).objects.update(language="it")
    public.post("/password/reset/", {"email": verified.email}, headers={"accept-language": "en"})
    assert '<html lang="it">' in SystemMail.objects.get().html
