"""Years after a purchase: time to look at it again."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="replacement",
        mails={
            "en": StarterMail(
                name="Replacement: time for a new one?",
                subject="Time for a new one?",
                preheader="It has served you well for a while.",
                body=[
                    heading("It has been a while"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "{% if event.name and event.name != blank %}<strong>{{ event.name "
                        "}}</strong> has been with "
                        "you for some time.{% else %}What you bought from us has been with "
                        "you for some time.{% endif %} If it is time for a new one, these "
                        "came in since:",
                    ),
                    part("products", list="recommendations"),
                    text(
                        "Does it still serve you well? Then there is nothing to do. Keep it.",
                    ),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Sostituzione: è ora di cambiare?",
                subject="È ora di cambiarlo?",
                preheader="Ti ha servito bene per un po’.",
                body=[
                    heading("È passato del tempo"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "{% if event.name and event.name != blank %}<strong>{{ event.name "
                        "}}</strong> è con te da "
                        "un po’.{% else %}Quello che hai comprato da noi è con te da un "
                        "po’.{% endif %} Se è ora di cambiarlo, nel frattempo sono arrivati "
                        "questi:",
                    ),
                    part("products", list="recommendations"),
                    text(
                        "Va ancora bene? Allora non devi fare nulla. Tienilo.",
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
