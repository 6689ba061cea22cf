"""Win-back 1: what has happened since they were last here."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="winback-new",
        mails={
            "en": StarterMail(
                name="Win-back 1: what is new",
                subject="What is new since your last visit",
                preheader="A few things came in while you were away.",
                body=[
                    heading("It has been a while"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "A few things have come in since you were last here. These might be yours:",
                    ),
                    part("products", list="recommendations"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Ritorno 1: le novità",
                subject="Che cosa c’è di nuovo dall’ultima volta",
                preheader="È arrivato qualcosa mentre non c’eri.",
                body=[
                    heading("È passato un po’ di tempo"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Dall’ultima volta è arrivato qualcosa di nuovo. Questi potrebbero "
                        "fare per te:",
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
