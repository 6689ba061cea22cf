"""Signatures that Anymail leaves to other libraries, or does not check."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate
from django.core.cache import cache

from campaigns.feedback import BadSignature, Call

# How old a signed moment may be.
WINDOW = timedelta(minutes=5)
AMAZON = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{1,64}\.pem")
FETCH_SECONDS = 5
CERTIFICATE_SECONDS = 24 * 3600
# What SNS signs, in this order (Amazon SNS Developer Guide, "Verifying the signatures").
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"
    ),
}  # fmt: skip
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]


def check_moment(seconds: Any, now: datetime) -> None:
    """Raise BadSignature when a signed Unix time is not of the last five minutes."""
    if abs(now.timestamp() - float(seconds)) > WINDOW.total_seconds():
        raise BadSignature


def check_svix(call: Call, secret: str) -> None:
    """Raise when none of the signatures is right (Standard Webhooks, as Svix sends them)."""
    headers = {name.lower(): value for name, value in call.headers.items()}
    moment = headers["svix-timestamp"]
    check_moment(moment, call.at)
    signed = f"{headers['svix-id']}.{moment}.".encode() + call.body
    key = b64decode(secret.removeprefix("whsec_"))
    expected = b64encode(hmac_digest(key, signed, "sha256")).decode()
    for each in headers["svix-signature"].split():
        version, _comma, signature = each.partition(",")
        if version == "v1" and compare_digest(signature, expected):
            return
    raise BadSignature


def is_amazon(url: Any) -> bool:
    """Whether an address is one of Amazon SNS itself, so that it may be fetched."""
    text = str(url)
    if not text.isascii() or not text.isprintable() or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_plain = parts.username is None and port in (None, 443)
    return parts.scheme == "https" and is_plain and bool(AMAZON.fullmatch(parts.hostname or ""))


def check_sns(message: Mapping[str, Any]) -> None:
    """Raise when Amazon has not signed the message. May fetch Amazon's certificate."""
    names = SIGNED[message["Type"]]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    digest = SHA256() if message.get("SignatureVersion") == "2" else SHA1()  # noqa: S303
    key = load_pem_x509_certificate(_certificate(message["SigningCertURL"])).public_key()
    if not isinstance(key, RSAPublicKey):
        raise BadSignature
    key.verify(b64decode(message["Signature"]), signed.encode(), padding.PKCS1v15(), digest)


def _certificate(url: str) -> bytes:
    if not is_amazon(url) or not CERTIFICATE.fullmatch(urlsplit(url).path):
        raise BadSignature
    known: bytes | None = cache.get(f"sns:{url}")
    if known is None:
        known = fetch_from_amazon(url)
        cache.set(f"sns:{url}", known, CERTIFICATE_SECONDS)
    return known


def fetch_from_amazon(url: str) -> bytes:
    """What stands at an address of Amazon SNS; raises BadSignature for any other address."""
    if not is_amazon(url):
        raise BadSignature
    response = requests.get(url, timeout=FETCH_SECONDS, allow_redirects=False)
    response.raise_for_status()
    if response.status_code != 200:
        raise BadSignature
    return response.content
