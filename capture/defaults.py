"""Every workspace starts with one form, open and ready to share."""

from dataclasses import dataclass
from datetime import datetime

from capture.models import SignupForm
from contacts.models import ConsentWording
from tenants.contracts import WorkspaceDefault, workspace_defaults
from tenants.models import Workspace

# The wording of the first form, and the sentence of the preference page.
DEFAULT_WORDING = "default"


@dataclass(frozen=True)
class Texts:
    """A first form's words in one language. They are the owner's from then on."""

    name: str
    title: str
    intro: str
    button: str
    thanks: str
    wording: str


TEXTS = {
    "en": Texts(
        name="Newsletter",
        title="News from {business}",
        intro="Now and then, a mail with what is new. You can leave with one click.",
        button="Sign up",
        thanks="Welcome! You will hear from us soon.",
        wording=(
            "Yes, {business} may send me news and offers by email. I can withdraw this at any"
            " time with the link in every mail."
        ),
    ),
    "it": Texts(
        name="Newsletter",
        title="Novità da {business}",
        intro="Ogni tanto, una mail con le novità. Puoi cancellarti con un clic.",
        button="Iscriviti",
        thanks="Ti diamo il benvenuto! Ci sentiamo presto.",
        wording=(
            "Sì, {business} può inviarmi novità e offerte per email. Posso revocare il consenso"
            " in qualsiasi momento con il link presente in ogni mail."
        ),
    ),
}


def create_newsletter_form(workspace: Workspace, now: datetime) -> None:
    """The form “newsletter” and the first consent wording, in the workspace's language."""
    language = workspace.language if workspace.language in TEXTS else "en"
    texts = TEXTS[language]
    wording = ConsentWording.objects.create(
        key=DEFAULT_WORDING,
        language=language,
        text=texts.wording.format(business=workspace.name),
        created_at=now,
    )
    SignupForm.objects.create(
        slug="newsletter",
        name=texts.name,
        language=language,
        title=texts.title.format(business=workspace.name),
        intro=texts.intro,
        button=texts.button,
        thanks=texts.thanks,
        wording=wording,
        created_at=now,
    )


workspace_defaults.register(WorkspaceDefault("newsletter_form", create_newsletter_form))
