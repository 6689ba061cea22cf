"""The third welcome: the last of the series, with an honest way to get less."""

from campaigns.contracts import Starter, StarterMail, starters

starters.register(
    Starter(
        key="welcome-stay",
        mails={
            "en": StarterMail(
                name="Welcome 3: is this right for you?",
                subject="Is this right for you?",
                preheader="From here on you hear from us only when it matters.",
                body=[
                    {"kind": "heading", "settings": {"text": "A week together"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>This was the last of our welcome mails. From here on you "
                            "hear from {{ business.name }} only when there is something new.</p>"
                            "<p>Is that right for you? Then there is nothing to do. If it is "
                            "not, you can stop at any time, with no hard feelings.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Stay or leave", "href": "{{ preferences_url }}"},
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
                            "<p>Ti va bene così? Allora non devi fare nulla. Altrimenti puoi "
                            "smettere quando vuoi, e amici come prima.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Resto o saluto", "href": "{{ preferences_url }}"},
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
