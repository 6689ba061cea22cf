"""Review 4: thanks with a code, the same for every rating."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="review-thanks",
        mails={
            "en": StarterMail(
                name="Review 4: thank you",
                subject="Thank you for your review",
                preheader="A code for your next order, the same for everyone.",
                body=[
                    heading("Thank you"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Thank you for taking the time. Everyone who writes a review gets "
                        "this code, whatever it says:",
                    ),
                    part("coupon"),
                    footer(
                        "You get this because you wrote a review for {{ business.name }} "
                        "and agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Recensione 4: grazie",
                subject="Grazie per la tua recensione",
                preheader="Un codice per il prossimo ordine, uguale per tutti.",
                body=[
                    heading("Grazie"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Grazie per il tempo che ci hai dedicato. Chi scrive una recensione "
                        "riceve questo codice, qualunque cosa dica:",
                    ),
                    part("coupon"),
                    footer(
                        "Ricevi questa email perché hai scritto una recensione per {{ "
                        "business.name }} e hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
