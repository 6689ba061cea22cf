"""The first welcome: thanks, who we are, how often we write, and how to change that."""

from campaigns.contracts import Starter, StarterMail, starters

starters.register(
    Starter(
        key="welcome-thanks",
        mails={
            "en": StarterMail(
                name="Welcome 1: thank you",
                subject="Welcome to {{ business.name }}",
                preheader="Who we are, how often we write, and how to change that.",
                body=[
                    {
                        "kind": "heading",
                        "settings": {
                            "text": 'Hello {{ contact.first_name | default: "there" }}, '
                            "and thank you"
                        },
                    },
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>You are on the list, and we are glad you are. "
                            "Here is what to expect from us.</p>"
                        },
                    },
                    {"kind": "heading", "settings": {"text": "Who we are", "level": "3"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>{{ business.name }} is a small business. The mails you "
                            "get are written by the people who will also greet you in person.</p>"
                        },
                    },
                    {"kind": "heading", "settings": {"text": "How often we write", "level": "3"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>A few mails in these first days. After that, only when "
                            "there is something worth your time.</p>"
                        },
                    },
                    {"kind": "heading", "settings": {"text": "You decide", "level": "3"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>How we call you, in which language, or no mail at all: "
                            "one page, no password.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Your preferences",
                            "href": "{{ preferences_url }}",
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
                name="Benvenuto 1: grazie",
                subject="Benvenuto da {{ business.name }}",
                preheader="Chi siamo, quanto spesso scriviamo e come cambiarlo.",
                body=[
                    {
                        "kind": "heading",
                        "settings": {
                            "text": 'Ciao {{ contact.first_name | default: "e benvenuto" }}, '
                            "grazie!"
                        },
                    },
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>L’iscrizione è confermata e ne siamo felici. "
                            "Ecco che cosa aspettarti da noi.</p>"
                        },
                    },
                    {"kind": "heading", "settings": {"text": "Chi siamo", "level": "3"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>{{ business.name }} è una piccola impresa. Le email che "
                            "ricevi le scrivono le stesse persone che poi ti accolgono.</p>"
                        },
                    },
                    {
                        "kind": "heading",
                        "settings": {"text": "Quanto spesso scriviamo", "level": "3"},
                    },
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Qualche email in questi primi giorni. Poi solo quando c’è "
                            "qualcosa che vale il tuo tempo.</p>"
                        },
                    },
                    {"kind": "heading", "settings": {"text": "Decidi tu", "level": "3"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Come ti chiamiamo, in quale lingua, o nessuna email: "
                            "una pagina sola, senza password.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Le tue preferenze",
                            "href": "{{ preferences_url }}",
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
