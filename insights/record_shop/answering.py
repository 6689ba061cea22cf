"""What people do with the mails they get: open, click, order, answer, review."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from campaigns.models import Message
from campaigns.tracking import Fetch, note_click, note_open
from commerce.ingest import take_orders
from commerce.models import Cart, CouponCode
from commerce.shapes import Buyer, NewLine, NewOrder
from contacts.models import Contact
from contacts.rows import ContactRow
from insights.record_shop.catalogue import CURRENCY, SOURCE
from insights.record_shop.chance import fraction, whole
from surveys.models import Invitation, ReviewRequest
from surveys.services.answering import answer_survey
from surveys.services.reviewing import Written, submit_review

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
READ_AFTER = timedelta(hours=2)
OPENS, CLICKS, BUYS, ANSWERS, REVIEWS = 0.5, 0.4, 0.4, 0.6, 0.6
WORDS = (
    "Arrived well packed and sounds wonderful.",
    "Just what I was looking for.",
    "Good record, the sleeve had a small dent.",
    "My third from here. I will be back.",
)


def read_mail(since: datetime, now: datetime) -> None:
    """Some open what they got two hours ago; some of those click; some of those order."""
    window = {"sent_at__gt": since - READ_AFTER, "sent_at__lte": now - READ_AFTER}
    sent = Message.objects.filter(contact__isnull=False, **window).select_related(
        "template_version", "contact"
    )
    for message in sent.order_by("sent_at"):
        if fraction("opens", _who(message.contact), _what(message)) < OPENS:
            _read(message, now)


def _who(contact: Contact | None) -> str:
    return (contact.external_id or contact.email or "") if contact else ""


def _what(message: Message) -> str:
    return message.template_version.subject


def _read(message: Message, now: datetime) -> None:
    fetch = Fetch("GET", BROWSER, now)
    note_open(message=message, fetch=fetch)
    if fraction("clicks", _who(message.contact), _what(message)) >= CLICKS:
        return
    note_click(message=message, index=0, url="https://records.example/", fetch=fetch)
    if fraction("buys", _who(message.contact), _what(message)) < BUYS:
        _finish_cart(message.contact_id, now + timedelta(minutes=10))


def _finish_cart(contact_id: UUID | None, at: datetime) -> None:
    """Order what the newest open cart holds."""
    carts = Cart.objects.filter(contact=contact_id, status=Cart.Status.OPEN)
    cart = carts.order_by("-changed_at").select_related("contact").first()
    if cart is None or cart.contact is None:
        return
    codes = CouponCode.objects.filter(contact=contact_id, redeemed_at=None, issued_at__lte=at)
    code = codes.order_by("-issued_at").values_list("code", flat=True).first()
    order = NewOrder(
        external_id=f"order-{cart.external_id}",
        number=f"#{cart.external_id.upper()}",
        currency=CURRENCY,
        total=Decimal(cart.total),
        placed_at=at,
        paid_at=at,
        buyer=Buyer(ContactRow(email=cart.contact.email)),
        cart_external_id=cart.external_id,
        coupon_codes=(code,) if code else (),
        lines=tuple(
            NewLine(
                name=each.name,
                quantity=each.quantity,
                unit_price=each.unit_price,
                total=each.total,
                product_external_id=each.product_external_id,
            )
            for each in cart.lines.order_by("position")
        ),
        changed_at=at,
    )
    take_orders(items=[order], source=SOURCE, now=at)


def answer(since: datetime, now: datetime) -> None:
    """Some of those asked two hours ago answer; some of those asked for a review write one."""
    window = {"asked_at__gt": since - READ_AFTER, "asked_at__lte": now - READ_AFTER}
    invited = Invitation.objects.filter(**window).select_related("survey", "contact")
    for invitation in invited.order_by("pk"):
        who = _who(invitation.contact)
        if fraction("answers", who, invitation.survey.key) < ANSWERS:
            _answer(invitation, now)
    for request in ReviewRequest.objects.filter(**window).select_related("contact").order_by("pk"):
        if fraction("reviews", _who(request.contact)) < REVIEWS:
            _review(request, now)


def _answer(invitation: Invitation, now: datetime) -> None:
    first = invitation.survey.questions.order_by("position").first()
    if first is None:
        return
    if first.options:
        value = first.options[whole(len(first.options), "option", _who(invitation.contact))][
            "value"
        ]
    else:
        value = str(5 - int(5 * fraction("score", _who(invitation.contact)) ** 3))
    sent = {str(first.pk): [value]}
    answer_survey(invitation_id=invitation.pk, sent=sent, ip=None, now=now)


def _review(request: ReviewRequest, now: datetime) -> None:
    stars = 5 - int(4 * fraction("stars", _who(request.contact)) ** 3)
    text = WORDS[whole(len(WORDS), "words", _who(request.contact))]
    line = UUID(request.items[0]["line_id"])
    written = Written(stars=str(stars), title="", text=text)
    submit_review(request_id=request.pk, line_id=line, written=written, now=now)
