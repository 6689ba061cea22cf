"""A day after: help with the choice, and other products."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="cart-help",
        mails={
            "en": StarterMail(
                name="Cart 2: still thinking it over?",
                subject="Still thinking it over?",
                preheader="What may help you decide.",
                body=[
                    heading("Take your time"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Here is your cart once more. And if it was not quite right, "
                        "perhaps one of these is:",
                    ),
                    part("cart"),
                    part("products", list="recommendations"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Carrello 2: ci stai pensando?",
                subject="Ci stai ancora pensando?",
                preheader="Qualcosa che può aiutarti a scegliere.",
                body=[
                    heading("Con calma"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Ecco ancora il tuo carrello. E se non era proprio quello giusto, "
                        "forse lo è uno di questi:",
                    ),
                    part("cart"),
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
