"""Every workspace starts with four surveys, in its language, open and ready to be asked."""

from dataclasses import dataclass
from datetime import datetime

from surveys.models import Question, Survey
from surveys.services.answering import UNSUBSCRIBE
from tenants.contracts import WorkspaceDefault, workspace_defaults
from tenants.models import Workspace


@dataclass(frozen=True)
class Ask:
    """One question of a first survey; options are (value, label, tag, act)."""

    kind: str
    text: str
    options: tuple[tuple[str, str, str, str], ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class First:
    """A first survey's words in one language. They are the owner's from then on."""

    key: str
    kind: str
    name: str
    title: str
    thanks: str
    questions: tuple[Ask, ...]
    low_score: int | None = None


ENGLISH = (
    First(
        key="satisfaction",
        kind=Survey.Kind.SATISFACTION,
        name="Order and shipping",
        title="How was your order?",
        thanks="Your answer reached us. It helps us do better.",
        low_score=2,
        questions=(
            Ask("scale", "How happy are you with your order and its delivery?"),
            Ask("text", "What could we have done better?", is_required=False),
        ),
    ),
    First(
        key="interests",
        kind=Survey.Kind.INTERESTS,
        name="Interests",
        title="What would you like to hear about?",
        thanks="Thank you! From now on we write about what you like.",
        questions=(
            Ask(
                "multiple_choice",
                "What interests you?",
                (
                    ("new", "What is new", "interest: news", ""),
                    ("offers", "Offers", "interest: offers", ""),
                    ("advice", "Advice and ideas", "interest: advice", ""),
                    ("events", "Events", "interest: events", ""),
                ),
            ),
        ),
    ),
    First(
        key="why",
        kind=Survey.Kind.ONE_QUESTION,
        name="Why did you leave?",
        title="We have missed you",
        thanks="Thank you for telling us.",
        questions=(
            Ask(
                "single_choice",
                "Why have we not seen you for a while?",
                (
                    ("no-need", "I need nothing at the moment", "away: no need", ""),
                    ("price", "The prices", "away: price", ""),
                    ("choice", "I did not find what I was looking for", "away: choice", ""),
                    ("service", "Something went wrong", "away: service", ""),
                    ("elsewhere", "I buy elsewhere now", "away: elsewhere", ""),
                ),
            ),
            Ask("text", "Would you like to say more?", is_required=False),
        ),
    ),
    First(
        key="frequency",
        kind=Survey.Kind.ONE_QUESTION,
        name="Stay, fewer, pause or leave",
        title="How often may we write?",
        thanks="It is done.",
        questions=(
            Ask(
                "single_choice",
                "What would you like?",
                (
                    ("stay", "Everything stays as it is", "mail: stay", ""),
                    ("fewer", "Fewer mails, please", "mail: fewer", ""),
                    ("pause", "A pause", "mail: pause", ""),
                    ("leave", "No more mails", "", UNSUBSCRIBE),
                ),
            ),
        ),
    ),
)
ITALIAN = (
    First(
        key="satisfaction",
        kind=Survey.Kind.SATISFACTION,
        name="Ordine e consegna",
        title="Com’è andato il tuo ordine?",
        thanks="La tua risposta è arrivata. Ci aiuta a fare meglio.",
        low_score=2,
        questions=(
            Ask("scale", "Quanto ti soddisfano il tuo ordine e la consegna?"),
            Ask("text", "Che cosa potevamo fare meglio?", is_required=False),
        ),
    ),
    First(
        key="interests",
        kind=Survey.Kind.INTERESTS,
        name="Interessi",
        title="Di che cosa vuoi leggere?",
        thanks="Grazie! D’ora in poi ti scriviamo di quello che ti piace.",
        questions=(
            Ask(
                "multiple_choice",
                "Che cosa ti interessa?",
                (
                    ("new", "Le novità", "interesse: novità", ""),
                    ("offers", "Le offerte", "interesse: offerte", ""),
                    ("advice", "Consigli e idee", "interesse: consigli", ""),
                    ("events", "Gli eventi", "interesse: eventi", ""),
                ),
            ),
        ),
    ),
    First(
        key="why",
        kind=Survey.Kind.ONE_QUESTION,
        name="Perché non ti vediamo più?",
        title="Ci manchi",
        thanks="Grazie di avercelo detto.",
        questions=(
            Ask(
                "single_choice",
                "Perché non ti vediamo da un po’?",
                (
                    ("no-need", "Al momento non mi serve niente", "assente: nessun bisogno", ""),
                    ("price", "I prezzi", "assente: prezzo", ""),
                    ("choice", "Non ho trovato quello che cercavo", "assente: scelta", ""),
                    ("service", "Qualcosa è andato storto", "assente: servizio", ""),
                    ("elsewhere", "Ora compro altrove", "assente: altrove", ""),
                ),
            ),
            Ask("text", "Vuoi dirci di più?", is_required=False),
        ),
    ),
    First(
        key="frequency",
        kind=Survey.Kind.ONE_QUESTION,
        name="Resto, di meno, pausa o saluto",
        title="Quanto spesso possiamo scriverti?",
        thanks="Fatto.",
        questions=(
            Ask(
                "single_choice",
                "Che cosa preferisci?",
                (
                    ("stay", "Va bene così", "mail: resto", ""),
                    ("fewer", "Meno mail, per favore", "mail: di meno", ""),
                    ("pause", "Una pausa", "mail: pausa", ""),
                    ("leave", "Niente più mail", "", UNSUBSCRIBE),
                ),
            ),
        ),
    ),
)
TEXTS = {"en": ENGLISH, "it": ITALIAN}


def create_first_surveys(workspace: Workspace, now: datetime) -> None:
    """The surveys that the shipped journeys ask, in the workspace's language; two statements."""
    language = workspace.language if workspace.language in TEXTS else "en"
    surveys = {
        first.key: Survey(
            key=first.key,
            kind=first.kind,
            name=first.name,
            language=language,
            title=first.title,
            thanks=first.thanks,
            low_score=first.low_score,
            created_at=now,
        )
        for first in TEXTS[language]
    }
    Survey.objects.bulk_create(surveys.values())
    Question.objects.bulk_create(
        Question(
            survey=surveys[first.key],
            position=number,
            kind=ask.kind,
            text=ask.text,
            options=[
                {"value": value, "label": label, "tag": tag, "act": act}
                for value, label, tag, act in ask.options
            ],
            is_required=ask.is_required,
        )
        for first in TEXTS[language]
        for number, ask in enumerate(first.questions, start=1)
    )


workspace_defaults.register(WorkspaceDefault("first_surveys", create_first_surveys))
