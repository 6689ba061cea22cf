"""What each provider posts for each thing that can happen.

`SAMPLES[provider][what]` takes a `Mail` and gives the report.
"""

from .shapes import (
    BROWSER,
    TEXT,
    Sample,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    ses,
    sparkpost,
    unisender,
)

CLICK = {"url": "https://acme.example/shop"}
SAMPLES: dict[str, dict[str, Sample]] = {
    "amazon_ses": {
        "accepted": ses("Send"),
        "delivered": ses("Delivery", recipients=["ada@example.com"], smtpResponse="250 ok"),
        "hard_bounce": ses(
            "Bounce", bounceType="Permanent", bounceSubType="General",
            bouncedRecipients=[{"emailAddress": "ada@example.com", "diagnosticCode": TEXT}],
        ),
        "soft_bounce": ses(
            "Bounce", bounceType="Transient", bounceSubType="MailboxFull",
            bouncedRecipients=[{"emailAddress": "ada@example.com", "diagnosticCode": TEXT}],
        ),
        "complained": ses(
            "Complaint", complainedRecipients=[{"emailAddress": "ada@example.com"}],
            complaintFeedbackType="abuse", userAgent="Feedback Loop (V0.01)",
        ),
        "rejected": ses("Reject", reason="Bad content"),
        "opened": ses("Open", userAgent=BROWSER, ipAddress="192.0.2.1"),
        "clicked": ses("Click", userAgent=BROWSER, link="https://acme.example/shop"),
    },
    "brevo": {
        "accepted": brevo("request"),
        "delivered": brevo("delivered"),
        "hard_bounce": brevo("hard_bounce", reason=TEXT),
        "soft_bounce": brevo("soft_bounce", reason="452 4.2.2 Mailbox full"),
        "complained": brevo("spam"),
        "unsubscribed": brevo("unsubscribe"),
        "rejected": brevo("blocked", reason="blocked : due to blacklist user"),
        "opened": brevo("unique_opened"),
        "clicked": brevo("click", link="https://acme.example/shop"),
    },
    "mailersend": {
        "accepted": mailersend("sent"),
        "delivered": mailersend("delivered"),
        "hard_bounce": mailersend("hard_bounced", {"object": "recipient_bounce", "reason": TEXT}),
        "soft_bounce": mailersend("soft_bounced", {"object": "recipient_bounce", "reason": "?"}),
        "complained": mailersend("spam_complaint", {"object": "spam_complaint", "reason": None}),
        "unsubscribed": mailersend(
            "unsubscribed",
            {"object": "recipient_unsubscribe", "readable_reason": "I get too many emails"},
        ),
        "opened": mailersend("opened", {"object": "open", "ip": "192.0.2.1"}),
        "clicked": mailersend("clicked", {"object": "click", "ip": "192.0.2.1", **CLICK}),
    },
    "mailgun": {
        "delivered": mailgun("delivered", **{"delivery-status": {"code": 250, "message": "OK"}}),
        "hard_bounce": mailgun(
            "failed", severity="permanent", reason="bounce",
            **{"delivery-status": {"code": 550, "message": TEXT, "description": ""}},
        ),
        "soft_bounce": mailgun(
            "failed", severity="permanent", reason="generic",
            **{"delivery-status": {"code": 452, "message": "4.2.2 full", "description": ""}},
        ),
        "accepted": mailgun("failed", severity="temporary", reason="generic"),
        "complained": mailgun("complained"),
        "unsubscribed": mailgun("unsubscribed"),
        "rejected": mailgun("rejected", reject={"reason": "Sandbox subdomains are for test"}),
        "opened": mailgun("opened"),
        "clicked": mailgun("clicked", **CLICK),
    },
    "mailjet": {
        "delivered": mailjet("sent", smtp_reply="sent (250 2.0.0 OK)"),
        "hard_bounce": mailjet(
            "bounce", blocked=True, hard_bounce=True, error_related_to="recipient",
            error="user unknown",
        ),
        "soft_bounce": mailjet(
            "bounce", blocked=False, hard_bounce=False, error_related_to="recipient",
            error="quota exceeded",
        ),
        "accepted": mailjet(
            "bounce", hard_bounce=False, error_related_to="domain", error="greylisted"
        ),
        "complained": mailjet("spam", source="JMRPP"),
        "unsubscribed": mailjet("unsub", mj_list_id=0, agent=BROWSER),
        "rejected": mailjet("blocked", error_related_to="mailjet", error="preblocked"),
        "opened": mailjet("open", agent=BROWSER, geo="IT"),
        "clicked": mailjet("click", agent=BROWSER, **CLICK),
    },
    "mailtrap": {
        "delivered": mailtrap("delivery"),
        "hard_bounce": mailtrap("bounce", response=TEXT, response_code=550),
        "accepted": mailtrap("soft bounce", response="452 4.2.2 full", response_code=452),
        "complained": mailtrap("spam"),
        "unsubscribed": mailtrap("unsubscribe"),
        "rejected": mailtrap("reject", reason="unknown"),
        "opened": mailtrap("open"),
        "clicked": mailtrap("click", **CLICK),
    },
    "mandrill": {
        "accepted": mandrill("send", {"state": "sent"}),
        "delivered": mandrill("delivered", {"state": "sent"}),
        "hard_bounce": mandrill("hard_bounce", {"bounce_description": "bad_mailbox", "diag": TEXT}),
        "soft_bounce": mandrill("soft_bounce", {"bounce_description": "mailbox_full", "diag": "4"}),
        "complained": mandrill("spam"),
        "unsubscribed": mandrill("unsub"),
        "rejected": mandrill("reject", {"state": "rejected"}),
        "opened": mandrill("open", user_agent=BROWSER, ip="192.0.2.1"),
        "clicked": mandrill("click", user_agent=BROWSER, ip="192.0.2.1", **CLICK),
    },
    "postal": {
        "accepted": postal("MessageDelayed", status="SoftFail", details="", output="450 4.2.0"),
        "delivered": postal("MessageSent", status="Sent", details="accepted", output="250 2.0.0"),
        "soft_bounce": postal(
            "MessageBounced", bounce={"id": 1, "direction": "incoming", "to": "b@rp.example"}
        ),
        "rejected": postal(
            "MessageDeliveryFailed", status="HardFail", details="Blocked", output="550 5.7.1 spam"
        ),
        "clicked": postal("MessageLinkClicked", user_agent=BROWSER, **CLICK),
    },
    "postmark": {
        "accepted": postmark("Bounce", "BouncedAt", Type="Transient", Details="4.2.0", ID=41),
        "delivered": postmark("Delivery", "DeliveredAt", Details="Test"),
        "hard_bounce": postmark("Bounce", "BouncedAt", Type="HardBounce", Details=TEXT, ID=42),
        "soft_bounce": postmark("Bounce", "BouncedAt", Type="SoftBounce", Details="4.2", ID=43),
        "complained": postmark("SpamComplaint", "BouncedAt", Type="SpamComplaint", ID=44),
        "unsubscribed": postmark(
            "SubscriptionChange", "ChangedAt", SuppressSending=True, Origin="Recipient",
            SuppressionReason="ManualSuppression",
        ),
        "rejected": postmark("Bounce", "BouncedAt", Type="Blocked", Details="5.7.1", ID=45),
        "opened": postmark("Open", "ReceivedAt", FirstOpen=True, UserAgent=BROWSER),
        "clicked": postmark(
            "Click", "ReceivedAt", UserAgent=BROWSER, OriginalLink="https://acme.example/shop"
        ),
    },
    "resend": {
        "accepted": resend("sent"),
        "delivered": resend("delivered"),
        "hard_bounce": resend(
            "bounced", bounce={"type": "Permanent", "subType": "General", "message": TEXT}
        ),
        "soft_bounce": resend(
            "bounced", bounce={"type": "Transient", "subType": "MailboxFull", "message": "full"}
        ),
        "complained": resend("complained"),
        "opened": resend("opened"),
        "clicked": resend(
            "clicked",
            click={"link": "https://acme.example/shop", "userAgent": BROWSER, "ipAddress": "::1"},
        ),
    },
    "sendgrid": {
        "accepted": sendgrid("processed"),
        "delivered": sendgrid("delivered", response="250 OK", tls=1),
        "hard_bounce": sendgrid("bounce", type="bounce", reason=TEXT, status="5.1.1"),
        "soft_bounce": sendgrid("bounce", type="blocked", reason="421 busy", status="4.2.1"),
        "complained": sendgrid("spamreport"),
        "unsubscribed": sendgrid("unsubscribe"),
        "rejected": sendgrid("dropped", reason="Spam Content"),
        "opened": sendgrid("open", useragent=BROWSER, ip="192.0.2.1"),
        "clicked": sendgrid("click", useragent=BROWSER, ip="192.0.2.1", **CLICK),
    },
    "sparkpost": {
        "accepted": sparkpost("injection"),
        "delivered": sparkpost("delivery"),
        "hard_bounce": sparkpost("bounce", bounce_class="10", raw_reason=TEXT),
        "soft_bounce": sparkpost("bounce", bounce_class="22", raw_reason="452 4.2.2 full"),
        "complained": sparkpost("spam_complaint", fbtype="abuse"),
        "unsubscribed": sparkpost("list_unsubscribe", "unsubscribe_event"),
        "rejected": sparkpost("policy_rejection", raw_reason="550 policy"),
        "opened": sparkpost("open", "track_event", user_agent=BROWSER),
        "clicked": sparkpost(
            "click", "track_event", user_agent=BROWSER,
            target_link_url="https://acme.example/shop",
        ),
    },
    "unisender_go": {
        "accepted": unisender("sent"),
        "delivered": unisender("delivered", delivery_status="ok_delivered"),
        "hard_bounce": unisender(
            "hard_bounced", delivery_status="err_user_unknown", destination_response=TEXT
        ),
        "soft_bounce": unisender(
            "hard_bounced", delivery_status="err_mailbox_full", destination_response="452 full"
        ),
        "complained": unisender("spam"),
        "unsubscribed": unisender("unsubscribed"),
        "opened": unisender("opened"),
        "clicked": unisender("clicked"),
    },
}  # fmt: skip
