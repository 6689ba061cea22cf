"""Win-back 4: stay, fewer, a pause, or leave."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="winback-stay",
        mails={
            "en": StarterMail(
                name="Win-back 4: stay or leave",
                subject="Shall we go on writing to you?",
                preheader="Stay, fewer mails, a pause, or leave: one click.",
                body=[
                    heading("You decide"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "We do not want to write to somebody who has no use for it. What "
                        "would you like?",
                    ),
                    part("survey"),
                    text(
                        "If you do nothing, we stop sending you news by ourselves.",
                    ),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Ritorno 4: resti o saluti",
                subject="Continuiamo a scriverti?",
                preheader="Resti, meno email, una pausa, o saluti: un clic.",
                body=[
                    heading("Decidi tu"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Non vogliamo scrivere a chi non sa che farsene. Che cosa preferisci?",
                    ),
                    part("survey"),
                    text(
                        "Se non fai nulla, smettiamo noi di mandarti le novità.",
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
