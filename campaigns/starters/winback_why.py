"""Win-back 2: one click that says why they stayed away."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="winback-why",
        mails={
            "en": StarterMail(
                name="Win-back 2: why?",
                subject="May we ask you something?",
                preheader="One click, and we know what to do better.",
                body=[
                    heading("Why have we not seen you?"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "No excuse needed, and no sales talk. One honest click helps us "
                        "more than a long letter:",
                    ),
                    part("survey"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Ritorno 2: perché?",
                subject="Possiamo chiederti una cosa?",
                preheader="Un clic, e sappiamo che cosa migliorare.",
                body=[
                    heading("Perché non ti abbiamo più visto?"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Niente scuse e niente promozioni. Un clic sincero ci aiuta più di "
                        "una lunga lettera:",
                    ),
                    part("survey"),
                    footer(
                        "Ricevi questa email perché sei cliente di {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
