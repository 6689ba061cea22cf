"""Whoever has a ticket that is open."""

from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from contacts.models import Ticket


class OpenTicketForm(forms.Form):
    """Nothing to set."""


class OpenTicket:
    key = "open_ticket"
    label = gettext_lazy("Open ticket")
    group = gettext_lazy("What they did")
    icon = "life-buoy"
    form = OpenTicketForm

    def summary(self, config: dict[str, Any]) -> str:
        return _("with an open ticket")

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        later = Q(closed_at__isnull=True) | Q(closed_at__lt=F("opened_at"))
        open_then = later | Q(closed_at__gt=scope.now)
        tickets = Ticket.objects.filter(contact=OuterRef("pk"), opened_at__lte=scope.now)
        return Q(Exists(tickets.filter(open_then)))


conditions.register(OpenTicket())
