"""The welcome for somebody who has bought before."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import button, footer, heading, part, text

starters.register(
    Starter(
        key="welcome-back",
        mails={
            "en": StarterMail(
                name="Welcome: for customers we know",
                subject="Good to have you on our list",
                preheader="You know us already; here is what the list brings.",
                body=[
                    heading("You know us already"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You have bought from us before, so we spare you the introduction. "
                        "On this list you hear first what is new, and nothing you would not "
                        "want to know.",
                        "How often that is, you decide:",
                    ),
                    button("Choose how often we write", "{{ preferences_url }}"),
                    part("products", list="recommendations"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Benvenuto: per chi è già cliente",
                subject="Che bello averti nella nostra lista",
                preheader="Ci conosci già: ecco che cosa troverai qui.",
                body=[
                    heading("Ci conosci già"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Hai già comprato da noi, quindi ti risparmiamo le presentazioni. "
                        "Qui scopri le novità prima degli altri, e niente che non vorresti sapere.",
                        "Quanto spesso, lo decidi tu:",
                    ),
                    button("Scegli quanto spesso scriverti", "{{ preferences_url }}"),
                    part("products", list="recommendations"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
