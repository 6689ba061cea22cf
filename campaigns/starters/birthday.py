"""On the day, with a small present."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="birthday",
        mails={
            "en": StarterMail(
                name="Birthday: all the best",
                subject="All the best{% if contact.first_name != blank %}, {{ contact.first_name "
                "}}{% endif %}!",
                preheader="A small present for your day.",
                body=[
                    heading("Happy birthday"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "All of us at {{ business.name }} wish you a wonderful day. A small "
                        "present:",
                    ),
                    part("coupon"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Compleanno: tanti auguri",
                subject="Tanti auguri{% if contact.first_name != blank %}, {{ contact.first_name "
                "}}{% endif %}!",
                preheader="Un piccolo regalo per il tuo giorno.",
                body=[
                    heading("Buon compleanno"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Tutti noi di {{ business.name }} ti auguriamo una splendida "
                        "giornata. Un piccolo regalo:",
                    ),
                    part("coupon"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
