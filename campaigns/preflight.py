"""What to look at before a campaign leaves; what is "bad" keeps it from leaving."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.audience import WILL_GET
from campaigns.compile import TemplateError
from campaigns.drawing import sender_of
from campaigns.editing import checks_of, sentence_of
from campaigns.models import Campaign, ProviderAccount, Template
from campaigns.services import Body, TemplateDraft, compile_draft
from core.errors import Problem
from core.mailgate import MessageRefused
from tenants.context import current_workspace
from tenants.models import Workspace


@dataclass(frozen=True)
class Check:
    """One line of the list: a tone (ok, warn, bad), a stable code and a sentence."""

    tone: str
    code: str
    text: str


def checks_before_sending(campaign: Campaign, counts: dict[str, int], now: datetime) -> list[Check]:
    """Everything, what stops it first."""
    workspace = current_workspace("A campaign")
    template = campaign.template
    found = [
        *_of_time(campaign, now),
        *_of_audience(counts),
        *_of_workspace(workspace),
        *_of_mail(template),
        Check(
            "ok",
            "unsubscribe",
            _("Every mail of it carries an unsubscribe button for the mail program."),
        ),
    ]
    order = {"bad": 0, "warn": 1, "ok": 2}
    return sorted(found, key=lambda check: order[check.tone])


def problems_of(checks: list[Check]) -> list[Problem]:
    """What of the list keeps the campaign from leaving."""
    return [Problem(each.code, each.text) for each in checks if each.tone == "bad"]


def _of_time(campaign: Campaign, now: datetime) -> list[Check]:
    if campaign.send_at and campaign.send_at <= now:
        return [Check("bad", "send_at_past", _("The time to send is over. Choose another."))]
    return []


def _of_audience(counts: dict[str, int]) -> list[Check]:
    everybody = sum(counts.values())
    soon = counts[WILL_GET] + counts["frequency_cap"]
    if not everybody:
        return [Check("bad", "audience_empty", _("Nobody belongs to this audience."))]
    if not soon:
        return [Check("bad", "audience_unreachable", _("Nobody of this audience would get it."))]
    words = ngettext("%(n)s person will get it.", "%(n)s people will get it.", soon)
    found = [Check("ok", "audience", words % {"n": soon})]
    had = counts["same_content"]
    if had:
        words = ngettext(
            "%(n)s person had this very mail before and will not get it again.",
            "%(n)s people had this very mail before and will not get it again.",
            had,
        )
        found.append(Check("warn", "same_content", words % {"n": had}))
    return found


def _of_workspace(workspace: Workspace) -> list[Check]:
    found = []
    if not workspace.postal_address.strip():
        text = _("Your postal address is missing: the law asks for it in every such mail.")
        found.append(Check("bad", "no_postal_address", text))
    try:
        sender_of(workspace)
    except MessageRefused as refusal:
        found.append(Check("bad", "bad_sender", str(refusal.message)))
    accounts = ProviderAccount.objects.filter(is_active=True)
    if not accounts.filter(is_default=True).exists():
        text = _("You have no sending account of your own; it leaves by the installation's.")
        found.append(Check("warn", "no_account", text))
    return found


def _of_mail(template: Template) -> list[Check]:
    if template.live_version is None:
        return [Check("bad", "template_draft", _("The mail was never saved."))]
    found = []
    if not template.live_version.subject.strip():
        found.append(Check("bad", "no_subject", _("The mail has no subject.")))
    links = template.live_version.compiled["links"]
    found += [
        Check("bad", "broken_link", _("The link “%(link)s” leads nowhere.") % {"link": link[:200]})
        for link in links
        if not leads_somewhere(link)
    ]
    try:
        compile_draft(draft_of(template))
    except TemplateError as error:
        texts = [sentence_of(problem) for problem in error.problems]
        return [*found, *(Check("bad", "template_broken", text) for text in texts)]
    return found + [
        Check(check.tone, "template", check.text) for check in checks_of(draft_of(template))
    ]


def draft_of(template: Template) -> TemplateDraft:
    """The mail as it is saved, to be looked at once more."""
    body: Body = template.body
    return TemplateDraft(
        name=template.name,
        subject=template.subject,
        preheader=template.preheader,
        language=template.language,
        body=body,
    )


def leads_somewhere(link: str) -> bool:
    """False for a web address without a host, with a blank in it, or that cannot be read."""
    try:
        parts = urlsplit(link)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_name = "." in host.strip(".") or host == "localhost" or ":" in host
    return is_name and not any(each.isspace() for each in link)
