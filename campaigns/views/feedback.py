"""The door for providers: what became of messages, told at an address that nobody can guess."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import feedback_keeping as keeping
from campaigns.feedback import Call, Keys
from campaigns.inbound import KIND, feedback_of
from campaigns.models import ProviderAccount
from core.api.errors import ApiRefusal
from events import inbound
from events.doors import body_of, inbound_door


@inbound_door
def provider_call(request: HttpRequest, token: str) -> HttpResponse:
    """Store what the provider posts, once somebody vouches for it."""
    account = ProviderAccount.objects.filter(feedback_token=token).first()
    feedback = feedback_of(account) if account else None
    if account is None or feedback is None:
        raise Http404
    now = timezone.now()
    url = partial(keeping.address_of, account)
    call = Call(body_of(request), request.headers, now, url)
    try:
        feedback.check(call, Keys(account.credentials, account.feedback_secrets or {}))
    except ApiRefusal as refusal:
        if refusal.get_codes() == "bad_signature":
            keeping.note_refused(account_id=account.pk, now=now)
        raise
    if feedback.answers(call):
        return HttpResponse()
    delivery_id, door = feedback.delivery_id(call), str(account.pk)
    is_new = inbound.receive(
        kind=KIND,
        door=door,
        delivery_id=delivery_id,
        body=call.body,
        headers=feedback.kept_headers(call.headers),
        query="",
        now=now,
    )
    if (
        not is_new
        and feedback.is_single_use
        and not inbound.holds(kind=KIND, door=door, delivery_id=delivery_id, body=call.body)
    ):
        keeping.note_refused(account_id=account.pk, now=now)
        raise ApiRefusal("token_used", _("This signature was used before, for another body."))
    return HttpResponse()
