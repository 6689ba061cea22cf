"""Review 2: stars in the mail, at most three products."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="review-stars",
        mails={
            "en": StarterMail(
                name="Review 2: your stars",
                subject="What do you think of it?",
                preheader="Stars first; words only if you like.",
                body=[
                    heading("Help the next one choose"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You have had it for a few days: what do you think? Choose the "
                        "stars here, and add words or a picture if you like. Every opinion "
                        "is welcome, good or bad.",
                    ),
                    part("review"),
                    text(
                        "As thanks, everyone who writes a review gets the same code for the "
                        "next order, whatever they say.",
                    ),
                    footer(
                        "You get this because you ordered from {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Recensione 2: le tue stelle",
                subject="Che cosa ne pensi?",
                preheader="Prima le stelle; le parole solo se vuoi.",
                body=[
                    heading("Aiuta chi deve scegliere"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Ce l’hai da qualche giorno: che cosa ne pensi? Scegli qui le "
                        "stelle e, se vuoi, aggiungi due parole o una foto. Ogni opinione è "
                        "benvenuta, bella o brutta.",
                    ),
                    part("review"),
                    text(
                        "Per ringraziare, chi scrive una recensione riceve lo stesso codice "
                        "per il prossimo ordine, qualunque cosa dica.",
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
