"""How often hosted survey and review pages may be sent, and the widget asked."""

from datetime import timedelta

from core.rate_limits import Limit

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

# A personal link is needed to send one; the limit keeps one person's log of events short.
ANSWERS_OF_LINK = Limit("surveys.answers", most=30, window=HOUR)
# Pages of a shop ask once each, and browsers and proxies keep the answer for minutes.
WIDGET_OF_IP = Limit("surveys.widget", most=120, window=MINUTE)
