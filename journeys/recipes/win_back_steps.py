"""What both win-back journeys go on with: a question, a code, and an honest choice."""

from django.utils.translation import gettext as _

from journeys.contracts import Config
from journeys.pantry import Pantry, condition

# Spent at least this much so far: the better code.
GOOD_CUSTOMER = 200


def win_back_steps(pantry: Pantry) -> list[Config]:
    """Day 7 why, day 14 a code by value group, day 24 stay or leave, then silence."""
    better = [
        pantry.coupon(
            _("Win-back: 15% for good customers"), amount=15, prefix=_("BACK"), valid_hours=240
        ),
    ]
    usual = [
        pantry.coupon(_("Win-back: 10%"), amount=10, prefix=_("BACK"), valid_hours=240),
    ]
    return [
        pantry.wait(7),
        pantry.until(),
        pantry.ask("why"),
        pantry.mail("winback-why"),
        pantry.wait(7),
        pantry.until(),
        pantry.choose(condition("spend", at_least=GOOD_CUSTOMER), better, usual),
        pantry.mail("winback-coupon"),
        pantry.wait(10),
        pantry.until(),
        pantry.ask("frequency"),
        pantry.mail("winback-stay"),
        pantry.wait(14),
        pantry.tag(_("dormant")),
    ]
