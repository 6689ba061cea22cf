"""The first welcome with a code for the first order."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import button, footer, heading, part, text

starters.register(
    Starter(
        key="welcome-code",
        mails={
            "en": StarterMail(
                name="Welcome 1: with a code",
                subject="Welcome to {{ business.name }}, and a little something",
                preheader="Your code for the first order is inside.",
                body=[
                    heading("Good to have you here"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Thank you for signing up. You will hear from us when there is "
                        "something worth telling, and never more often than is welcome.",
                    ),
                    part("coupon"),
                    text(
                        "The code is yours alone. Copy it at the checkout of your first order.",
                    ),
                    button("Choose how often we write", "{{ preferences_url }}"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Benvenuto 1: con un codice",
                subject="{{ business.name }} ti dà il benvenuto, con un piccolo regalo",
                preheader="Dentro c’è il codice per il primo ordine.",
                body=[
                    heading("Che bello averti qui"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Grazie per l’iscrizione. Ti scriveremo quando c’è qualcosa che "
                        "vale la pena di raccontare, e mai più spesso di quanto ti faccia "
                        "piacere.",
                    ),
                    part("coupon"),
                    text(
                        "Il codice è solo tuo. Inseriscilo alla cassa del tuo primo ordine.",
                    ),
                    button("Scegli quanto spesso scriverti", "{{ preferences_url }}"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
