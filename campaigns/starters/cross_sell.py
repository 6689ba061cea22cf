"""What goes with what they have just got."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="cross-sell",
        mails={
            "en": StarterMail(
                name="After the order: goes well with it",
                subject="Goes well with your order",
                preheader="Chosen by what others bought together.",
                body=[
                    heading("These go well together"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We hope you enjoy what you bought. Others who bought the same also "
                        "took these:",
                    ),
                    part("products", list="recommendations"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Dopo l’ordine: si abbina bene",
                subject="Si abbina bene al tuo ordine",
                preheader="Scelto da quello che altri comprano insieme.",
                body=[
                    heading("Stanno bene insieme"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Speriamo che ti piaccia quello che hai comprato. Chi ha scelto lo "
                        "stesso ha preso anche questi:",
                    ),
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
