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
                            "html": "<p>Have we got your name and your language right? "
                            "It takes ten seconds to look.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Check my details",
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
                            "html": "<p>Abbiamo scritto bene il tuo nome? E la lingua è quella "
                            "giusta? Bastano dieci secondi per controllare.</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {
                            "label": "Controllo i miei dati",
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
