"""One hour after: the items and the way back, no discount."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="cart-reminder",
        mails={
            "en": StarterMail(
                name="Cart 1: you left something",
                subject="Shall we keep this for you?",
                preheader="Your cart is as you left it.",
                body=[
                    heading("Your cart is still here"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You put something aside and did not finish. Nothing is lost: it is "
                        "all where you left it.",
                    ),
                    part("cart"),
                    text(
                        "Did something go wrong, or is there a question? Just answer this mail.",
                    ),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Carrello 1: hai lasciato qualcosa",
                subject="Te lo teniamo da parte?",
                preheader="Il tuo carrello è come l’hai lasciato.",
                body=[
                    heading("Il tuo carrello è ancora qui"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Avevi messo da parte qualcosa senza concludere. Niente è andato "
                        "perso: è tutto dove l’hai lasciato.",
                    ),
                    part("cart"),
                    text(
                        "Qualcosa non ha funzionato, o hai una domanda? Rispondi pure a "
                        "questa email.",
                    ),
                    footer(
                        "Ricevi questa email perché sei cliente di {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
