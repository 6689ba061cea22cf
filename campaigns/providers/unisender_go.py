from typing import Any

import msgspec
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, Keys
from campaigns.outbound import providers
from core.api.json_body import decode_json

DEAD = ("err_user_unknown", "err_user_inactive", "err_mailbox_discarded", "err_domain_inactive")


class UnisenderGoForm(forms.Form):
    """The key, and the data centre the account lives in."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)
    api_url = forms.ChoiceField(
        label=_("Data centre"),
        choices=[
            ("https://go1.unisender.ru/en/transactional/api/v1/", "go1"),
            ("https://go2.unisender.ru/en/transactional/api/v1/", "go2"),
        ],
    )


class UnisenderGoFeedback(Feedback):
    """Signed with the API key itself."""

    view = UnisenderGoTrackingWebhookView
    where = _("Unisender Go, Settings, Webhooks: all statuses.")

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"api_key_bytes": keys.credentials["api_key"].encode()}

    def parts(self, call: Call) -> list[bytes]:
        users = decode_json(call.body).get("events_by_user") or [{}]
        return [
            msgspec.json.encode({"events_by_user": [{"events": [report]}]})
            for report in users[0].get("events") or []
        ]

    def is_hard(self, event: Any) -> bool:
        told = event.esp_event.get("delivery_info") or {}
        return told.get("delivery_status") in DEAD


class UnisenderGo(AnymailProvider):
    key = "unisender_go"
    label = "Unisender Go"
    form_class = UnisenderGoForm
    backend = "anymail.backends.unisender_go.EmailBackend"
    feedback = UnisenderGoFeedback()


providers.register(UnisenderGo())
