"""Amazon SES: sent by its SMTP interface, told by Amazon SNS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.feedback import BadSignature, Call, Feedback, Keys, as_uuid
from campaigns.outbound import Provider, providers
from campaigns.providers.smtp import Smtp, SmtpSession
from campaigns.signatures import check_sns, fetch_from_amazon, is_amazon
from core.api.json_body import decode_json
from core.errors import Retryable


class AmazonSesForm(forms.Form):
    """The region and the SMTP credentials, which are not those of the API."""

    region = forms.RegexField(
        r"^[a-z]{2}(-[a-z]+)+-\d$", label=_("Region"), max_length=30, initial="eu-west-1"
    )
    username = forms.CharField(label=_("SMTP user name"), max_length=200)
    password = forms.CharField(label=_("SMTP password"), max_length=200, widget=forms.PasswordInput)


class AmazonSesSecrets(forms.Form):
    """The topic that SES reports to; calls for any other are refused."""

    topic_arn = forms.RegexField(
        r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$",
        label=_("ARN of the topic"),
        max_length=300,
    )


class AmazonSesFeedback(Feedback):
    view = AmazonSESTrackingWebhookView
    form_class = AmazonSesSecrets
    where = _(
        "Amazon SNS, the topic of your configuration set, Create subscription: HTTPS. Viaggio"
        " confirms it by itself."
    )
    headers = ("x-amz-sns-message-type", "x-amz-sns-message-id")

    def verify(self, call: Call, keys: Keys) -> None:
        """The topic first, then the address to confirm, then Amazon's signature."""
        message = decode_json(call.body)
        if message["TopicArn"] != keys.secrets["topic_arn"]:
            raise BadSignature
        if "SubscribeURL" in message and not is_amazon(message["SubscribeURL"]):
            raise BadSignature
        super().verify(call, keys)
        check_sns(message)

    def answers(self, call: Call) -> bool:
        """Confirm a subscription, which is no report."""
        message = decode_json(call.body)
        if message["Type"] == "SubscriptionConfirmation":
            try:
                fetch_from_amazon(message["SubscribeURL"])
            except OSError:
                raise Retryable("unavailable", str(_("Amazon could not be reached."))) from None
        return bool(message["Type"] != "Notification")

    def delivery_id(self, call: Call) -> str:
        return str(decode_json(call.body)["MessageId"])

    def send_id(self, event: Any) -> UUID | None:
        headers = (event.esp_event.get("mail") or {}).get("headers") or []
        found = [each["value"] for each in headers if each["name"].lower() == "x-viaggio-send"]
        return as_uuid(found[0]) if found else None

    def is_hard(self, event: Any) -> bool:
        return bool((event.esp_event.get("bounce") or {}).get("bounceType") == "Permanent")


class AmazonSes(Provider):
    key = "amazon_ses"
    label = "Amazon SES"
    form_class = AmazonSesForm
    feedback = AmazonSesFeedback()

    @contextmanager
    def session(self, credentials: Mapping[str, Any]) -> Iterator[SmtpSession]:
        """One connection to the region's SMTP server."""
        server = {
            "host": f"email-smtp.{credentials['region']}.amazonaws.com",
            "port": 587,
            "security": "starttls",
        }
        with Smtp().session({**credentials, **server}) as session:
            yield session


providers.register(AmazonSes())
