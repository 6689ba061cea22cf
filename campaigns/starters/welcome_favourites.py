"""The best-sellers, for somebody who has just told us what they like."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="welcome-favourites",
        mails={
            "en": StarterMail(
                name="Welcome 3: what others love",
                subject="What our customers come back for",
                preheader="A few things that people buy again and again.",
                body=[
                    heading("Loved by those who were here before you"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "If you do not know where to begin, begin here: these are the "
                        "things our customers come back for.",
                    ),
                    part("products", list="recommendations"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Benvenuto 3: i preferiti",
                subject="Quello per cui i nostri clienti tornano",
                preheader="Alcune cose che si comprano e si ricomprano.",
                body=[
                    heading("Amati da chi è arrivato prima di te"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Se non sai da dove cominciare, comincia da qui: sono le cose per "
                        "cui i nostri clienti tornano.",
                    ),
                    part("products", list="recommendations"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
