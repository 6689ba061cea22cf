"""Thanks to those who have bought for a certain sum."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="loyalty-coupon",
        mails={
            "en": StarterMail(
                name="Loyalty: thank you",
                subject="Thank you for coming back",
                preheader="A code for one of our best customers.",
                body=[
                    heading("You are one of our best customers"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You have come back again and again this year, and we noticed. This "
                        "code is our thanks, with no strings attached:",
                    ),
                    part("coupon"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Fedeltà: grazie",
                subject="Grazie per la tua fedeltà",
                preheader="Un codice per uno dei nostri clienti migliori.",
                body=[
                    heading("Sei tra i nostri clienti migliori"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Quest’anno hai scelto noi più volte, e ce ne siamo accorti. Questo "
                        "codice è il nostro grazie, senza condizioni:",
                    ),
                    part("coupon"),
                    footer(
                        "Ricevi questa email perché sei cliente di {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
