"""What people did with the mail they got: human opens and clicks, never those of machines.

With "the last N campaigns" it is about the last N that this very person received (sent and not
bounced, campaigns only). Turned round, it then holds only for those who have received N of them:
whoever joined last week has not ignored anything yet.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Message
from contacts.contracts import ConditionScope, conditions

MOMENT = {"received": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}
DEEDS = {
    "received": gettext_lazy("got a mail"),
    "opened": gettext_lazy("opened a mail"),
    "clicked": gettext_lazy("clicked in a mail"),
}


class MailActivityForm(forms.Form):
    did = forms.ChoiceField(label=gettext_lazy("People who"), choices=list(DEEDS.items()))
    negate = forms.BooleanField(label=gettext_lazy("The opposite: who did not"), required=False)
    times = forms.IntegerField(
        label=gettext_lazy("Of how many mails at least"),
        min_value=1,
        max_value=1000,
        required=False,
    )
    last_campaigns = forms.IntegerField(
        label=gettext_lazy("Of how many of their last campaigns"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=gettext_lazy("Leave it empty for all mails of journeys and campaigns."),
    )
    within_days = forms.IntegerField(
        label=gettext_lazy("In the last how many days"),
        min_value=1,
        max_value=36500,
        required=False,
        help_text=gettext_lazy("Leave it empty for ever."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        last, times = cleaned.get("last_campaigns"), cleaned.get("times")
        if last and cleaned.get("did") == "received":
            words = gettext_lazy("The last campaigns are those they received: leave this empty.")
            self.add_error("last_campaigns", words)
        elif last and times and times > last:
            self.add_error("times", gettext_lazy("This is more than the campaigns looked at."))
        return cleaned


class MailActivity:
    key = "mail_activity"
    label = gettext_lazy("Mail activity")
    group = gettext_lazy("What they did")
    icon = "mail-open"
    form = MailActivityForm

    def summary(self, config: dict[str, Any]) -> str:
        parts = [_verb(config), _object(config)]
        if days := config.get("within_days"):
            words = ngettext("in the last day", "in the last %(days)s days", days)
            parts.append(words % {"days": days})
        return " ".join(parts)

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        last = config.get("last_campaigns")
        did = Q(_enough(_deeds(config, scope), config.get("times") or 1))
        if not config.get("negate"):
            return did
        if not last:
            return ~did
        # The one before which there are N - 1 others: whoever has it has received N.
        nth = _received(scope).filter(contact_id=OuterRef("pk"), campaign_id__isnull=False)
        return Q(Exists(nth[last - 1 : last])) & ~did


def _verb(config: dict[str, Any]) -> str:
    if config.get("negate"):
        return {
            "received": _("who did not get"),
            "opened": _("who did not open"),
            "clicked": _("who did not click in"),
        }[config["did"]]
    return {
        "received": _("who got"),
        "opened": _("who opened"),
        "clicked": _("who clicked in"),
    }[config["did"]]


def _object(config: dict[str, Any]) -> str:
    times, last = config.get("times") or 1, config.get("last_campaigns")
    if last and times > 1:
        words = _("at least %(times)s of the last %(last)s campaigns they received")
        return words % {"times": times, "last": last}
    if last:
        return ngettext(
            "the last campaign they received", "any of the last %(last)s campaigns they received",
            last,
        ) % {"last": last}  # fmt: skip
    if times > 1:
        return _("at least %(times)s mails") % {"times": times}
    return _("any mail")


def _received(scope: ConditionScope) -> QuerySet[Message]:
    """What arrived by then as far as is known; each person's are found by their own index."""
    return Message.objects.filter(
        lane__gt=Message.Lane.TRANSACTIONAL, sent_at__lte=scope.now
    ).exclude(status=Message.Status.BOUNCED)


def _deeds(config: dict[str, Any], scope: ConditionScope) -> QuerySet[Message]:
    """A person's mails with which they did it."""
    moment = MOMENT[config["did"]]
    found = _received(scope).filter(
        contact_id=OuterRef("pk"), **{f"{moment}__isnull": False, f"{moment}__lte": scope.now}
    )
    if days := config.get("within_days"):
        found = found.filter(**{f"{moment}__gt": scope.now - timedelta(days=days)})
    if last := config.get("last_campaigns"):
        theirs = _received(scope).filter(
            contact_id=OuterRef(OuterRef("pk")), campaign_id__isnull=False
        )
        found = found.filter(pk__in=theirs.order_by("-sent_at", "-id").values("pk")[:last])
    return found


def _enough(deeds: QuerySet[Message], times: int) -> Exists:
    """EXISTS for once, which stops at the first; a count only where somebody asked for more."""
    if times == 1:
        return Exists(deeds)
    many = deeds.order_by().values("contact_id").annotate(times=Count("pk"))
    return Exists(many.filter(times__gte=times).values("contact_id"))


conditions.register(MailActivity())
