"""Win-back 3: a code by what they are worth to the shop."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="winback-coupon",
        mails={
            "en": StarterMail(
                name="Win-back 3: a code",
                subject="Something to come back for",
                preheader="A code that is yours alone.",
                body=[
                    heading("Come back for this"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We would like to see you again, and this is how we say so:",
                    ),
                    part("coupon"),
                    part("products", list="recommendations"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Ritorno 3: un codice",
                subject="Un motivo per tornare",
                preheader="Un codice solo tuo.",
                body=[
                    heading("Torna per questo"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Ci farebbe piacere rivederti, e te lo diciamo così:",
                    ),
                    part("coupon"),
                    part("products", list="recommendations"),
                    footer(
                        "Ricevi questa email perché sei cliente di {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
