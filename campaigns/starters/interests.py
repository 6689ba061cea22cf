"""The interests survey: one question, answered inside the mail; answers become tags."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="interests",
        mails={
            "en": StarterMail(
                name="Interests: what shall we write about?",
                subject="What would you like to hear about?",
                preheader="One click, and we write about that.",
                body=[
                    heading("Tell us what you like"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We would rather send you one thing you care about than five that "
                        "you do not. One click is enough:",
                    ),
                    part("survey"),
                    text(
                        "You can change your mind at any time.",
                    ),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Interessi: di che cosa ti scriviamo?",
                subject="Di che cosa ti piacerebbe leggere?",
                preheader="Un clic, e ti scriviamo di quello.",
                body=[
                    heading("Dicci che cosa ti piace"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Preferiamo mandarti una cosa che ti interessa piuttosto che cinque "
                        "che non ti interessano. Basta un clic:",
                    ),
                    part("survey"),
                    text(
                        "Puoi cambiare idea quando vuoi.",
                    ),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
