"""How often hosted forms may be sent, and how many mails they may cause."""

from datetime import timedelta

from core.rate_limits import Limit

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

# A shop's tablet signs people up all day from one address; a flood does not fit in this.
POSTS_OF_IP = Limit("capture.ip", most=60, window=HOUR)
POSTS_OF_FORM = Limit("capture.form", most=1000, window=HOUR)
# Whoever is typed into forms by somebody else gets at most this: P24.
SIGNUPS_OF_ADDRESS_HERE = Limit("capture.address.workspace", most=1, window=DAY)
SIGNUPS_OF_ADDRESS_ANYWHERE = Limit("capture.address.installation", most=3, window=DAY)
# Saving preferences needs a personal link; the limit keeps the consent ledger short.
SAVES_OF_CONTACT = Limit("capture.preferences", most=30, window=HOUR)


def mailbox(email: str) -> str:
    """The mailbox behind an address, for counting: `ann+shop@x.it` and `ann@x.it` are one."""
    local, _at, domain = email.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
