"""Customers, and what the law lets them and the shop ask for."""

from datetime import datetime

from django.utils.translation import gettext as _

from commerce.payloads import Payload, buyer_of
from commerce.shop_kinds import DataWish, News, ShopCall, ShopCustomer
from contacts.rows import ContactRow


def customer(given: Payload, call: ShopCall) -> News:
    external_id = given.needed_id()
    home = given.inner("default_address")
    row = ContactRow(
        email=given.email("email"),
        phone=given.profile("phone", "phone") or home.profile("phone", "phone"),
        first_name=given.profile("first_name", "first_name"),
        last_name=given.profile("last_name", "last_name"),
    )
    buyer = buyer_of(row, company=home.text("company", most=200))
    if buyer is None:
        return News(ignored=_("The customer has no usable address."), notes=given.notes)
    accepts, chosen_at = _marketing(given)
    changed_at = given.moment("updated_at") or call.received_at
    customer = ShopCustomer(external_id, buyer, changed_at, accepts, chosen_at)
    return News(customers=[customer], notes=given.notes)


def _marketing(given: Payload) -> tuple[bool | None, datetime | None]:
    consent = given.inner("email_marketing_consent")
    state = consent.text("state", most=40)
    if state in {"subscribed", "unsubscribed"}:
        return state == "subscribed", consent.moment("consent_updated_at")
    return None, None


def data_request(given: Payload, call: ShopCall) -> News:
    customer = given.inner("customer")
    kind = "erase" if call.topic == "customers/redact" else "export"
    request = DataWish(
        kind, email=customer.email("email") or "", phone=customer.profile("phone", "phone") or ""
    )
    return News(wishes=[request], notes=given.notes)


def shop_redact(given: Payload, call: ShopCall) -> News:
    return News(wishes=[DataWish("erase_shop")])


def uninstalled(given: Payload, call: ShopCall) -> News:
    return News(has_left=True)
