"""A day after looking at something without buying it."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import button, footer, heading, part, text

starters.register(
    Starter(
        key="browse-look",
        mails={
            "en": StarterMail(
                name="Browse: you had a look",
                subject="You had a look at this",
                preheader="In case it is still on your mind.",
                body=[
                    heading("Still on your mind?"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You had a look{% if event.name and event.name != blank %} at "
                        "<strong>{{ event.name "
                        "}}</strong>{% endif %}. If you want to see it again, it is one "
                        "click away.",
                    ),
                    button(
                        "See it again",
                        "{{ event.url }}",
                    ),
                    part("products", list="recommendations"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Navigazione: l’hai guardato",
                subject="L’hai guardato da vicino",
                preheader="Nel caso ci stessi ancora pensando.",
                body=[
                    heading("Ci stai ancora pensando?"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Hai guardato{% if event.name and event.name != blank %} <strong>{{ "
                        "event.name "
                        "}}</strong>{% else %} qualcosa{% endif %}. Se vuoi rivederlo, è a "
                        "un clic.",
                    ),
                    button(
                        "Rivedilo",
                        "{{ event.url }}",
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
