"""The shapes of the reports that providers post, as each documents them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_5) Chrome/58.0.3029.110"
TEXT = "550 5.1.1 <ada@example.com>... User unknown"


@dataclass(frozen=True)
class Mail:
    """The message a report is about, as the provider knows it."""

    send_id: UUID
    provider_id: str
    to: str
    at: datetime

    @property
    def unix(self) -> int:
        return int(self.at.timestamp())

    @property
    def iso(self) -> str:
        return self.at.isoformat().replace("+00:00", "Z")

    @property
    def metadata(self) -> dict[str, str]:
        return {"send_id": str(self.send_id)}


Sample = Callable[[Mail], dict[str, Any]]


def brevo(event: str, **more: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "email": mail.to,
        "id": 26224,
        "date": "2026-11-20 13:00:00",
        "ts": mail.unix,
        "ts_event": mail.unix,
        "ts_epoch": mail.unix * 1000,
        "message-id": mail.provider_id,
        "subject": "Hello",
        "X-Mailin-custom": json.dumps(mail.metadata),
        "sending_ip": "192.0.2.1",
        **more,
    }


def mailersend(kind: str, morph: dict[str, Any] | None = None) -> Sample:
    return lambda mail: {
        "type": f"activity.{kind}",
        "domain_id": "d",
        "created_at": mail.iso,
        "data": {
            "object": "activity",
            "id": uuid4().hex[:24],
            "type": kind,
            "created_at": mail.iso,
            "email": {
                "object": "email",
                "status": "rejected" if "bounced" in kind else "delivered",
                "message": {"object": "message", "id": mail.provider_id},
                "recipient": {"object": "recipient", "email": mail.to},
            },
            "morph": morph,
        },
    }


def mailgun(event: str, **more: Any) -> Sample:
    return lambda mail: {
        "event-data": {
            "event": event,
            "id": uuid4().hex[:22],
            "timestamp": mail.at.timestamp(),
            "recipient": mail.to,
            "message": {"headers": {"message-id": mail.provider_id.strip("<>"), "to": mail.to}},
            "user-variables": mail.metadata,
            "tags": [],
            "client-info": {"user-agent": BROWSER},
            **more,
        }
    }


def mailjet(event: str, **more: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "time": mail.unix,
        "MessageID": int(mail.provider_id),
        "email": mail.to,
        "mj_campaign_id": 1234567890,
        "mj_contact_id": 9876543210,
        "customcampaign": "",
        "Payload": json.dumps(mail.metadata),
        **more,
    }


def mailtrap(event: str, **more: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "message_id": mail.provider_id,
        "sending_stream": "transactional",
        "email": mail.to,
        "timestamp": mail.unix,
        "event_id": str(uuid4()),
        "custom_variables": mail.metadata,
        "ip": "192.0.2.42",
        "user_agent": BROWSER,
        **more,
    }


def mandrill(event: str, message: dict[str, Any] | None = None, **more: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "ts": mail.unix,
        "_id": mail.provider_id,
        "msg": {
            "_id": mail.provider_id,
            "ts": mail.unix,
            "email": mail.to,
            "subject": "Hello",
            "tags": [],
            "metadata": mail.metadata,
            **(message or {}),
        },
        **more,
    }


def postal(event: str, **payload: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "timestamp": mail.at.timestamp(),
        "payload": {
            ("original_message" if "bounce" in payload else "message"): {
                "id": int(mail.provider_id),
                "token": "zw6psSlgo6ki",
                "direction": "outgoing",
                "to": mail.to,
                "from": "hello@acme.example",
                "subject": "Hello",
                "tag": None,
            },
            "timestamp": mail.at.timestamp(),
            **payload,
        },
        "uuid": str(uuid4()),
    }


def postmark(record: str, moment: str, **more: Any) -> Sample:
    return lambda mail: {
        "RecordType": record,
        "ServerID": 23,
        "MessageStream": "outbound",
        "MessageID": mail.provider_id,
        ("Email" if record in ("Bounce", "SpamComplaint") else "Recipient"): mail.to,
        moment: mail.iso,
        "Tag": "",
        "Metadata": mail.metadata,
        **more,
    }


def resend(kind: str, **data: Any) -> Sample:
    return lambda mail: {
        "type": f"email.{kind}",
        "created_at": mail.iso,
        "data": {
            "created_at": mail.iso,
            "email_id": mail.provider_id,
            "from": "Acme <hello@acme.example>",
            "to": [mail.to],
            "subject": "Hello",
            "headers": [{"name": "X-Metadata", "value": json.dumps(mail.metadata)}],
            **data,
        },
    }


def sendgrid(event: str, **more: Any) -> Sample:
    return lambda mail: {
        "event": event,
        "email": mail.to,
        "timestamp": mail.unix,
        "smtp-id": "<original-smtp-id@sendgrid.net>",
        "anymail_id": mail.provider_id,
        "send_id": str(mail.send_id),
        "sg_event_id": uuid4().hex[:22],
        "sg_message_id": "yzhNP1qaQ-upQ9HPdBv7-A.filter0425p1mdw1",
        **more,
    }


def sparkpost(kind: str, group: str = "message_event", **more: Any) -> Sample:
    return lambda mail: {
        "msys": {
            group: {
                "type": kind,
                "event_id": str(uuid4().int)[:17],
                "timestamp": str(mail.unix),
                "transmission_id": mail.provider_id,
                "message_id": "000443ee14578172be22",
                "rcpt_to": mail.to,
                "raw_rcpt_to": mail.to,
                "rcpt_meta": mail.metadata,
                "campaign_id": "",
                **more,
            }
        }
    }


def unisender(status: str, **info: Any) -> Sample:
    return lambda mail: {
        "event_name": "transactional_email_status",
        "event_data": {
            "job_id": "1a3Q2V-0000OZ-S0",
            "metadata": {"anymail_id": mail.provider_id, **mail.metadata},
            "email": mail.to,
            "status": status,
            "event_time": mail.at.strftime("%Y-%m-%d %H:%M:%S"),
            "url": "https://acme.example/shop" if status == "clicked" else None,
            "delivery_info": {"user_agent": BROWSER, "ip": "192.0.2.1", **info},
        },
    }


def ses(event: str, **told: Any) -> Sample:
    return lambda mail: {
        "eventType": event,
        "mail": {
            "timestamp": mail.iso,
            "source": "hello@acme.example",
            "messageId": mail.provider_id,
            "destination": [mail.to],
            "headers": [
                {"name": "To", "value": mail.to},
                {"name": "X-Viaggio-Send", "value": str(mail.send_id)},
            ],
        },
        event.lower(): {
            key: json.loads(json.dumps(value).replace("ada@example.com", mail.to))
            for key, value in told.items()
        },
    }
