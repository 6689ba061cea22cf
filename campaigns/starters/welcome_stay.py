"""The third welcome: the last of the series, with an honest way to get less."""

from campaigns.contracts import Starter, StarterMail, starters

starters.register(
    Starter(
        key="welcome-stay",
        mails={
            "en": StarterMail(
                name="Welcome 3: is this right for you?",
                subject="Is this the right amount of mail, {{ contact.first_name | default: "
                '"dear reader" }}?',
                preheader="From here on you hear from us only when it matters.",
                body=[
                    {"kind": "heading", "settings": {"text": "A week together"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>This was the last of our welcome mails. From here on you "
                            "hear from {{ business.name }} only when there is something new.</p>"
                            "<p>Is that about right? If not, you can have it otherwise:</p>"
                            "<ul><li>everything, once a week, or once a month</li>"
                            "<li>a pause of 30, 60 or 90 days</li>"
                            "<li>nothing more, with no hard feelings</li></ul>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Set it my way", "href": "{{ preferences_url }}"},
                    },
                    {"kind": "divider", "settings": {}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>And if you know somebody who would like what we do: "
                            "forward this mail. That is how small businesses grow.</p>"
                        },
                    },
                    {
                        "kind": "footer",
                        "settings": {
                            "reason": "You get this because you signed up for news from "
                            "{{ business.name }}."
                        },
                    },
                ],
            ),
            "it": StarterMail(
                name="Benvenuto 3: va bene così?",
                subject="Ti scriviamo il giusto?",
                preheader="D’ora in poi ci facciamo sentire solo quando conta.",
                body=[
                    {"kind": "heading", "settings": {"text": "Una settimana insieme"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Questa era l’ultima delle nostre email di benvenuto. D’ora "
                            "in poi {{ business.name }} ti scrive solo quando c’è una novità.</p>"
                            "<p>Ti va bene così? Altrimenti puoi scegliere:</p>"
                            "<ul><li>tutto, una volta alla settimana o una al mese</li>"
                            "<li>una pausa di 30, 60 o 90 giorni</li>"
                            "<li>più niente, e amici come prima</li></ul>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Scelgo io", "href": "{{ preferences_url }}"},
                    },
                    {"kind": "divider", "settings": {}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>E se conosci qualcuno a cui piacerebbe quello che "
                            "facciamo, inoltra questa email. È così che le piccole imprese "
                            "crescono.</p>"
                        },
                    },
                    {
                        "kind": "footer",
                        "settings": {
                            "reason": "Ricevi questa email perché hai chiesto le novità di "
                            "{{ business.name }}."
                        },
                    },
                ],
            ),
        },
    )
)
