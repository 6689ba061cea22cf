"""Review 1: one click on order and delivery, before any review."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="review-satisfaction",
        mails={
            "en": StarterMail(
                name="Review 1: how was it?",
                subject="How was your order?",
                preheader="One click tells us.",
                body=[
                    heading("How was your order?"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Your order{% if event.number and event.number != blank %} {{ "
                        "event.number }}{% endif %} "
                        "should be with you by now. One click tells us whether all went "
                        "well:",
                    ),
                    part("survey"),
                    text(
                        "If something did not, somebody of us reads it today.",
                    ),
                    footer(
                        "You get this because you ordered from {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Recensione 1: com’è andata?",
                subject="Com’è andato il tuo ordine?",
                preheader="Basta un clic.",
                body=[
                    heading("Com’è andato il tuo ordine?"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Il tuo ordine{% if event.number and event.number != blank %} {{ "
                        "event.number }}{% endif %} "
                        "dovrebbe essere arrivato. Un clic ci dice se è andato tutto bene:",
                    ),
                    part("survey"),
                    text(
                        "Se qualcosa non è andato, uno di noi lo legge oggi stesso.",
                    ),
                    footer(
                        "Ricevi questa email perché hai ordinato da {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
