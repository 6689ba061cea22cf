"""The public site: landing page, accounts, workspace chooser, mail inbox."""

from datetime import timedelta

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from django.urls import include, path, re_path

from core.rate_limits import Limit
from tenants.views import entry, inbox, person, public
from tenants.views.limited import limited

sign_in = limited(
    per_client=Limit("sign_in_client", 30, timedelta(minutes=5)),
    field="login",
    per_value=Limit("sign_in_email", 20, timedelta(minutes=15)),
)(account.login)
reset_password = limited(
    per_client=Limit("reset_client", 10, timedelta(hours=1)),
    field="email",
    per_value=Limit("reset_email", 5, timedelta(hours=1)),
)(account.password_reset)
guess_code = limited(per_client=Limit("second_factor_client", 20, timedelta(minutes=5)))
change = limited(per_client=Limit("account_change_client", 30, timedelta(minutes=15)))

urlpatterns = [
    path("", public.landing, name="landing"),
    path("language/", public.set_language, name="set_language"),
    path("sign-up/", public.sign_up_page, name="account_signup"),
    path("sign-up/address/", public.slug_check, name="slug_check"),
    path("check-your-mail/", public.check_mail, name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"
    ),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("password/reset/", reset_password, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/", person.account, name="account"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/email/", change(account.email), name="account_email"),
    path("account/password/", change(account.password_change), name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path(
        "account/reauthenticate/",
        guess_code(account.reauthenticate),
        name="account_reauthenticate",
    ),
    path(
        "account/second-factor/authenticate/",
        guess_code(second_factor.authenticate),
        name="mfa_authenticate",
    ),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("workspaces/", entry.workspaces, name="workspaces"),
    path("workspaces/<slug:slug>/enter/", entry.enter_from_public, name="workspace_enter"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/empty/", inbox.empty, name="inbox_empty"),
    path("inbox/<int:pk>/", inbox.mail, name="inbox_mail"),
    path("inbox/<int:pk>/body/", inbox.body, name="inbox_body"),
]
