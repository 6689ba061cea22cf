"""Review 3: one reminder, and no more."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="review-reminder",
        mails={
            "en": StarterMail(
                name="Review 3: one reminder",
                subject="Two minutes for the next one?",
                preheader="We ask once more, and then no more.",
                body=[
                    heading("One reminder, no more"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Perhaps our question came at a bad time. If you have two minutes "
                        "now, others will be glad of your opinion:",
                    ),
                    part("review"),
                    text(
                        "Everyone who writes gets the same thanks, whatever they say.",
                    ),
                    footer(
                        "You get this because you ordered from {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Recensione 3: un promemoria",
                subject="Due minuti per chi deve scegliere?",
                preheader="Lo chiediamo ancora una volta, e poi basta.",
                body=[
                    heading("Un promemoria, e basta"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Forse la nostra domanda è arrivata nel momento sbagliato. Se ora "
                        "hai due minuti, la tua opinione farà piacere ad altri:",
                    ),
                    part("review"),
                    text(
                        "Chi scrive riceve lo stesso grazie, qualunque cosa dica.",
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
