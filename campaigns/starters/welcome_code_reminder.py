"""Says once that the welcome code has not been used and when it ends."""

from campaigns.contracts import Starter, StarterMail, starters
from campaigns.starter_parts import footer, heading, part, text

starters.register(
    Starter(
        key="welcome-code-reminder",
        mails={
            "en": StarterMail(
                name="Welcome 4: your code is waiting",
                subject="Your code is still waiting",
                preheader="It ends soon; after that we leave you in peace.",
                body=[
                    heading("Before it ends"),
                    text(
                        "Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "You have a code that you have not used. We say so once, because it "
                        "ends {% if coupon.expires_text and coupon.expires_text != blank %}on "
                        "{{ coupon.expires_text }}{% "
                        "else %}soon{% endif %}.",
                    ),
                    part("coupon"),
                    part("products", list="popular"),
                    footer("You get this because you signed up for news from {{ business.name }}."),
                ],
            ),
            "it": StarterMail(
                name="Benvenuto 4: il codice ti aspetta",
                subject="Il tuo codice ti aspetta ancora",
                preheader="Scade presto; poi ti lasciamo in pace.",
                body=[
                    heading("Prima che scada"),
                    text(
                        "Ciao{% if contact.first_name != blank %} {{ contact.first_name }}{% "
                        "endif %},",
                        "Hai un codice che non hai ancora usato. Te lo ricordiamo una volta "
                        "sola, perché scade {% if coupon.expires_text and coupon.expires_text "
                        "!= blank %}il {{ "
                        "coupon.expires_text }}{% else %}presto{% endif %}.",
                    ),
                    part("coupon"),
                    part("products", list="popular"),
                    footer(
                        "Ricevi questa email perché hai chiesto le novità di {{ business.name }}."
                    ),
                ],
            ),
        },
    )
)
