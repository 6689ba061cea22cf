"""What mails can tell of people after an A/B test, one file each."""

from campaigns.models import Message


def of_mails(column: str) -> str:
    """SQL: whether any mail that the run sent after the split has this moment in time.

    The columns hold what people did; what scanners and privacy proxies did is kept elsewhere. A
    mail names the run and the visit that sent it in its key.
    """
    return (
        f"EXISTS (SELECT 1 FROM {Message._meta.db_table} AS mail"
        " WHERE mail.contact_id = stay.contact_id AND mail.enrolment_id = stay.enrolment_id"
        f" AND mail.{column} > stay.since AND mail.{column} <= stay.until"
        " AND split_part(mail.send_key, ':', 3)::int > stay.visit)"
    )
