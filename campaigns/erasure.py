"""What messages keep of somebody who is forgotten: that one was sent, and nothing else."""

from django.db import connection
from django.utils.translation import gettext as _

from campaigns.models import Message
from contacts.contracts import Eraser, Erasure, erasers
from tenants import agenda
from tenants.models import Agenda

# A raised fence takes claimed rows away from their worker. One that is being sent right now is
# settled by that worker, who finds nobody's name in it.
FORGET = f"""
    UPDATE {Message._meta.db_table}
       SET contact_id = NULL, to_address = '', context = '{{}}', drawn = '{{}}',
           destinations = '[]',
           fence = fence + CASE WHEN status = 'claimed' THEN 1 ELSE 0 END,
           lease_until = CASE WHEN status = 'claimed' THEN NULL ELSE lease_until END,
           reason = CASE WHEN status = ANY(%(waiting)s) THEN 'contact_gone' ELSE reason END,
           reason_text = CASE WHEN status = ANY(%(waiting)s) THEN %(sentence)s ELSE '' END,
           status = CASE WHEN status = ANY(%(waiting)s) THEN 'skipped' ELSE status END
     WHERE contact_id = %(contact)s"""
WAITING = ["queued", "retry", "deferred", "held", "claimed"]


def forget_messages(erasure: Erasure) -> None:
    """Take the person out of their messages; those still waiting are not sent any more.

    Reasons go too: mail servers like to repeat the address in them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FORGET,
            {
                "contact": erasure.contact_id,
                "waiting": WAITING,
                "sentence": _("This person was erased before it was sent."),
            },
        )
        if cursor.rowcount:
            # It may have been the last of a campaign, which the lane then closes.
            agenda.lower(lane=Agenda.Lane.SENDING, due_at=erasure.now, now=erasure.now)


erasers.register(Eraser("messages", forget_messages, order=50))
