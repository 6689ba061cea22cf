"""How allauth behaves here: our addresses in mails, our limits, secrets encrypted."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmationMixin
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from core.client_ip import client_ip
from core.rate_limits import Limit, take
from tenants.hosts import public_url
from tenants.models import User

# What one address may be sent because strangers typed it somewhere.
SIGN_UP_MAILS = Limit("sign_up_mails", 3, timedelta(days=1))
RESET_MAILS = Limit("reset_mails", 3, timedelta(days=1))
STRANGERS_MAILS = {
    "email_confirmation": SIGN_UP_MAILS,
    "email_confirmation_signup": SIGN_UP_MAILS,
    "account_already_exists": SIGN_UP_MAILS,
    "password_reset_key": RESET_MAILS,
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by email address, on the public host only."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "0.0.0.0"  # noqa: S104  an unknown client, not a bind

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmationMixin
    ) -> str:
        """The link in the mail; its host is a setting, never what the request claimed."""
        return public_url("account_confirm_email", emailconfirmation.key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        user, _dash, token = key.partition("-")
        return public_url("account_reset_password_from_key", user, token)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that somebody, likely they, signed up with it again."""
        context = {
            "sign_in_url": public_url("account_login"),
            "password_reset_url": public_url("account_reset_password"),
        }
        self.send_mail("account/email/account_already_exists", email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail in its reader's language.

        Mails that a stranger can cause are dropped beyond three a day and address; nobody is
        told, since the same page is shown whatever becomes of the mail.
        """
        limit = STRANGERS_MAILS.get(template_prefix.rpartition("/")[2])
        if limit and not take(limit=limit, subject=email.lower(), now=timezone.now()):
            return
        reader = User.objects.filter(email=email.lower()).first()
        language = reader.language if reader else translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, {**context, "site": settings.BASE_DOMAIN})

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
        return response


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors whose secrets are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(key.encode()).digest())) for key in keys])
