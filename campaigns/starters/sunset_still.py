"""Sunset 1: asks whether they still want to hear from us."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import button, footer, heading, text

starters.register(
    Starter(
        key="sunset-still",
        mails={
            "en": StarterMail(
                name="Sunset 1: still there?",
                subject="Are you still there?",
                preheader="One click keeps you on the list.",
                body=[
                    heading("Are you still there?"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We have not heard from you for a long time. If you still want our "
                        "news, one click is enough. If not, do nothing, and we stop by "
                        "ourselves.",
                    ),
                    button("Yes, keep writing to me", "{{ preferences_url }}"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Tramonto 1: ci sei ancora?",
                subject="Ci sei ancora?",
                preheader="Un clic e resti nella lista.",
                body=[
                    heading("Ci sei ancora?"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Non ti sentiamo da tanto tempo. Se vuoi ancora le nostre novità, "
                        "basta un clic. Altrimenti non fare nulla, e smettiamo noi.",
                    ),
                    button("Sì, continuate a scrivermi", "{{ preferences_url }}"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
