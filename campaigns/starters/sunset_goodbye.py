"""Sunset 2: the last mail, which says that it is the last."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import button, footer, heading, text

starters.register(
    Starter(
        key="sunset-goodbye",
        mails={
            "en": StarterMail(
                name="Sunset 2: goodbye for now",
                subject="This was our last mail",
                preheader="The door stays open.",
                body=[
                    heading("Goodbye for now"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We have taken you off our news, so that your inbox stays yours. If "
                        "you change your mind, the door is open:",
                    ),
                    button("Come back", "{{ preferences_url }}"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Tramonto 2: arrivederci",
                subject="Questa era l’ultima email",
                preheader="La porta resta aperta.",
                body=[
                    heading("Per ora, arrivederci"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Ti abbiamo tolto dalle nostre novità, così la tua posta resta tua. "
                        "Se cambi idea, la porta è aperta:",
                    ),
                    button("Torna con noi", "{{ preferences_url }}"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
