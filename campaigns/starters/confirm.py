"""Asks whether it was really they who signed up. Prints nothing that came out of a form."""

from campaigns.contracts import Starter, StarterMail, starters

starters.register(
    Starter(
        key="confirm",
        mails={
            "en": StarterMail(
                name="Confirm your subscription",
                subject="One click to confirm: news from {{ business.name }}",
                preheader="Then you are on the list. If it was not you, do nothing.",
                body=[
                    {"kind": "heading", "settings": {"text": "One click, and you are in"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Somebody, we hope it was you, asked for news from "
                            "<strong>{{ business.name }}</strong> with this address. "
                            "Is that right?</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Yes, sign me up", "href": "{{ confirm_url }}"},
                    },
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>If it was not you, there is nothing to do: without that "
                            "click you will not hear from us again.</p>"
                        },
                    },
                    {
                        "kind": "footer",
                        "settings": {
                            "reason": "You get this one mail because your address was entered in "
                            "a sign-up form.",
                            "links": "none",
                        },
                    },
                ],
            ),
            "it": StarterMail(
                name="Conferma l’iscrizione",
                subject="Un clic per confermare: novità da {{ business.name }}",
                preheader="Poi sei in lista. Se non sei stato tu, non fare nulla.",
                body=[
                    {"kind": "heading", "settings": {"text": "Un clic e ci sei"}},
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Qualcuno, speriamo tu, ha chiesto le novità di "
                            "<strong>{{ business.name }}</strong> con questo indirizzo. "
                            "È giusto?</p>"
                        },
                    },
                    {
                        "kind": "button",
                        "settings": {"label": "Sì, iscrivimi", "href": "{{ confirm_url }}"},
                    },
                    {
                        "kind": "text",
                        "settings": {
                            "html": "<p>Se non eri tu, non devi fare nulla: senza quel clic non "
                            "riceverai altro da noi.</p>"
                        },
                    },
                    {
                        "kind": "footer",
                        "settings": {
                            "reason": "Ricevi questa sola email perché il tuo indirizzo è stato "
                            "inserito in un modulo di iscrizione.",
                            "links": "none",
                        },
                    },
                ],
            ),
        },
    )
)
