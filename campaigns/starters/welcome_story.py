"""The second welcome: what we do, in the owner's own words."""

from campaigns.contracts import Starter, StarterMail, starters

starters.register(
    Starter(
        key="welcome-story",
        mails={
            "en": StarterMail(
                name="Welcome 2: what we do",
                subject="What we do at {{ business.name }}",
                preheader="Three things worth knowing before your first visit.",
                body=[
                    {"kind": "heading", "settings": {"text": "Three things worth knowing"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": '<p>Hello {{ contact.first_name | default: "there" }}, two '
                            "days ago you joined us. So that you know who you are dealing "
                            "with:</p>"
                            "<ol><li><strong>We are happy to advise.</strong> Ask before you "
                            "buy; it costs nothing.</li>"
                            "<li><strong>We put things right.</strong> If something is not as it "
                            "should be, tell us first.</li>"
                            "<li><strong>We remember.</strong> The more you tell us about what "
                            "you like, the better our suggestions get.</li></ol>"
                        },
                    },
                    {"kind": "divider", "settings": {}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Would you rather hear about some things and not about "
                            "others? It takes ten seconds.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Tell us what you like",
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
                name="Benvenuto 2: che cosa facciamo",
                subject="Che cosa facciamo da {{ business.name }}",
                preheader="Tre cose da sapere prima della tua prima visita.",
                body=[
                    {"kind": "heading", "settings": {"text": "Tre cose da sapere"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Ciao {{ contact.first_name | default: 'di nuovo' }}, "
                            "due giorni fa ti sei unito "
                            "a noi. Perché tu sappia con chi hai a che fare:</p>"
                            "<ol><li><strong>Consigliamo volentieri.</strong> Chiedi prima di "
                            "comprare: non costa nulla.</li>"
                            "<li><strong>Rimediamo.</strong> Se qualcosa non va come dovrebbe, "
                            "dillo prima a noi.</li>"
                            "<li><strong>Ci ricordiamo.</strong> Più ci dici di quello che ti "
                            "piace, migliori saranno i nostri consigli.</li></ol>"
                        },
                    },
                    {"kind": "divider", "settings": {}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Preferisci sentir parlare di alcune cose e non di altre? "
                            "Bastano dieci secondi.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Dicci che cosa ti piace",
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
