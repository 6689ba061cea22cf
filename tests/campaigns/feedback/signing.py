"""Calls as providers make them: reports framed, and signed with secrets that accounts know."""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import md5, sha1, sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


@dataclass(frozen=True)
class Post:
    """A call as it goes over the wire."""

    body: bytes
    headers: dict[str, str]
    content_type: str = "application/json"


# Those that put many reports into one call.
MANY = {"mailjet", "mailtrap", "mandrill", "sendgrid", "sparkpost", "unisender_go"}
CREDENTIALS = {"unisender_go": {"api_key": "unisender-key"}}


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def bare(key: Any) -> str:
    """The base64 of a public key, without its frame."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "".join(pem.decode().splitlines()[1:-1])


SVIX = b64encode(b"a resend secret").decode()


def secrets_of(provider: str) -> dict[str, str]:
    """What the account of a provider knows of its signatures."""
    known = {
        "amazon_ses": lambda: {"topic_arn": TOPIC},
        "mailersend": lambda: {"signing_secret": "ms-secret"},
        "mailgun": lambda: {"webhook_signing_key": "mg-secret"},
        "mailtrap": lambda: {"signature_secret": "mt-secret"},
        "mandrill": lambda: {"webhook_key": "md-secret"},
        "postal": lambda: {"webhook_key": bare(rsa_key())},
        "resend": lambda: {"signing_secret": f"whsec_{SVIX}"},
        "sendgrid": lambda: {"verification_key": bare(ec_key())},
    }
    return known[provider]() if provider in known else {}


def hexed(key: str, body: bytes) -> str:
    return hmac(key.encode(), body, sha256).hexdigest()


def post(provider: str, reports: Sequence[Any], *, at: datetime, url: str = "") -> Post:
    """The reports as the provider posts them; only those in MANY take more than one."""
    assert len(reports) == 1 or provider in MANY
    unix = int(at.timestamp())
    if provider == "mandrill":
        return signed_form(reports, url)
    if provider == "mailgun":
        return signed_mailgun(reports[0], unix)
    if provider == "unisender_go":
        return signed_unisender(reports)
    if provider == "amazon_ses":
        told = datetime.fromisoformat(reports[0]["mail"]["timestamp"])
        return signed_sns({"Type": "Notification", "Message": json.dumps(reports[0])}, told)
    framed = {"mailtrap": {"events": list(reports)}}.get(provider, list(reports))
    body = json.dumps(framed if provider in MANY else reports[0]).encode()
    return Post(body, signature(provider, body, unix))


def signature(provider: str, body: bytes, unix: int) -> dict[str, str]:
    """The headers that vouch for a body; none where the address alone does."""
    if provider == "mailersend":
        return {"Signature": hexed("ms-secret", body)}
    if provider == "mailtrap":
        return {"Mailtrap-Signature": hexed("mt-secret", body)}
    if provider == "postal":
        mark = rsa_key().sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
        return {"X-Postal-Signature": b64encode(mark).decode()}
    if provider == "sendgrid":
        mark = ec_key().sign(str(unix).encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": b64encode(mark).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": str(unix),
        }
    if provider == "resend":
        name = f"msg_{sha256(body).hexdigest()[:20]}"
        mark = hmac(b"a resend secret", f"{name}.{unix}.".encode() + body, sha256).digest()
        return {
            "svix-id": name,
            "svix-timestamp": str(unix),
            "svix-signature": f"v1,{b64encode(mark).decode()}",
        }
    return {}


def signed_form(reports: Sequence[Any], url: str) -> Post:
    text = json.dumps(list(reports))
    mark = hmac(b"md-secret", f"{url}mandrill_events{text}".encode(), sha1).digest()
    return Post(
        urlencode({"mandrill_events": text}).encode(),
        {"X-Mandrill-Signature": b64encode(mark).decode()},
        "application/x-www-form-urlencoded",
    )


def signed_mailgun(report: dict[str, Any], unix: int) -> Post:
    token = uuid4().hex + uuid4().hex[:18]
    mark = {
        "timestamp": str(unix),
        "token": token,
        "signature": hexed("mg-secret", f"{unix}{token}".encode()),
    }
    return Post(json.dumps({"signature": mark, **report}).encode(), {})


def signed_unisender(reports: Sequence[Any]) -> Post:
    events = [{"user_id": 456, "project_id": "1", "events": list(reports)}]
    body = json.dumps({"auth": "unisender-key", "events_by_user": events})
    mark = md5(body.encode()).hexdigest()  # noqa: S324
    return Post(body.replace("unisender-key", mark).encode(), {})


def signed_sns(message: dict[str, Any], at: datetime, **changes: Any) -> Post:
    """A message of Amazon SNS, signed with the key whose certificate `certificate()` is."""
    full = {
        "MessageId": str(uuid4()),
        "TopicArn": TOPIC,
        "Timestamp": at.isoformat().replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        **message,
        **changes,
    }
    names = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn"]
    text = "".join(f"{name}\n{full[name]}\n" for name in [*names, "Type"] if name in full)
    mark = rsa_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    full["Signature"] = b64encode(mark).decode()
    headers = {
        "x-amz-sns-message-type": full["Type"],
        "x-amz-sns-message-id": full["MessageId"],
    }
    return Post(json.dumps(full).encode(), headers, "text/plain; charset=UTF-8")


@cache
def certificate() -> bytes:
    """The certificate of the key that `signed_sns` signs with."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key().public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365))
        .sign(rsa_key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
