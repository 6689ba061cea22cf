"""Three days after: a code of one’s own for a first order worth it."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="cart-code",
        mails={
            "en": StarterMail(
                name="Cart 3: a code for your first order",
                subject="A little help with your first order",
                preheader="A code that is yours alone, for three days.",
                body=[
                    heading("A first order deserves a welcome"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "This is the last time we mention your cart. If the price was in "
                        "the way, this may help:",
                    ),
                    part("coupon"),
                    part("cart"),
                    footer(
                        "You get this because you are a customer of {{ business.name }} and "
                        "agreed to hear from us."
                    ),
                ],
            ),
            "it": StarterMail(
                name="Carrello 3: un codice per il primo ordine",
                subject="Un piccolo aiuto per il tuo primo ordine",
                preheader="Un codice solo tuo, valido tre giorni.",
                body=[
                    heading("Il primo ordine merita un benvenuto"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "È l’ultima volta che parliamo del tuo carrello. Se il problema era "
                        "il prezzo, questo può aiutare:",
                    ),
                    part("coupon"),
                    part("cart"),
                    footer(
                        "Ricevi questa email perché sei cliente di {{ business.name }} e "
                        "hai accettato di ricevere nostre notizie."
                    ),
                ],
            ),
        },
    )
)
