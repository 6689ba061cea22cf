"""A mail while it is being edited: all of it lives in the page's form until it is saved."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django import forms
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.compile import GMAIL_CLIPS_AT, CompiledTemplate, TemplateError
from campaigns.contracts import Block, blocks
from campaigns.services import Body, TemplateDraft, compile_draft
from contacts.contracts import merge_fields
from contacts.merge_fields import INVENTED
from contacts.models import ContactField
from core.errors import Problem

BLOCKS_MAX = 100
EXCERPT = 60
# Where the compiler says a problem is: "block 2 (text): html", in whatever language.
_WHERE = re.compile(r"\D*(\d+) \([\w-]*\)(?:: (\w+))?")
_TAG = re.compile(r"\{[{%].*?[%}]\}")
BUSINESS_FIELDS = (
    ("business.name", gettext_lazy("Your business's name"), ""),
    ("business.address", gettext_lazy("Your postal address"), ""),
)


def first_words(kind: str) -> dict[str, Any]:
    """What a new block begins with, so that it can be seen at once."""
    known: dict[str, dict[str, Any]] = {
        "heading": {"text": _("A heading")},
        "text": {"html": f"<p>{_('Write something.')}</p>"},
        "button": {"label": _("Read more"), "href": "https://"},
        "products": {"title": _("For you"), "list": "recommendations"},
    }
    return known.get(kind, {})


def blank_body() -> Body:
    """What a mail begins with that is made from nothing."""
    return [
        {"kind": "heading", "settings": first_words("heading")},
        {
            "kind": "text",
            "settings": {"html": f"<p>{_('Hello')} {{{{ contact.first_name }}}},</p><p></p>"},
        },
        {"kind": "footer", "settings": {}},
    ]


@dataclass
class EditedBlock:
    """One block of the page: its kind, its settings as typed, and the form that shows them."""

    number: int
    kind: str
    settings: dict[str, Any]
    form: forms.Form
    is_open: bool = False

    @property
    def block(self) -> Block | None:
        """The kind of block; None when it is not there any more."""
        return blocks.get(self.kind) if self.kind in blocks else None

    @property
    def excerpt(self) -> str:
        """The first words of it."""
        for name in ("text", "label", "html", "reason", "alt", "src"):
            value = unescape(strip_tags(_TAG.sub("…", str(self.settings.get(name) or ""))))
            if value.strip():
                return " ".join(value.split())[:EXCERPT]
        return ""


@dataclass
class Edited:
    """The content of a mail in the page: blocks, or HTML written by hand."""

    blocks: list[EditedBlock] = field(default_factory=list)
    html: str | None = None
    html_problems: list[str] = field(default_factory=list)

    @property
    def body(self) -> Body:
        """The content as a template stores it."""
        if self.html is not None:
            return {"html": self.html}
        return [{"kind": each.kind, "settings": each.settings} for each in self.blocks]

    @property
    def is_valid(self) -> bool:
        """Whether every block's form is; each is asked, so that each shows its errors."""
        answers = [each.form.is_valid() for each in self.blocks if each.form.is_bound]
        return all(answers)


def edited_body(body: Body, *, opened: int = 0) -> Edited:
    """Stored content as the page shows it; block number `opened` (from 1) shows its settings."""
    if isinstance(body, Mapping):
        return Edited(html=body["html"])
    return Edited(blocks=[_edited(number, item, opened) for number, item in enumerate(body, 1)])


def _edited(number: int, item: Mapping[str, Any], opened: int) -> EditedBlock:
    kind, settings = str(item.get("kind", "")), dict(item.get("settings") or {})
    form_class = blocks.get(kind).form_class if kind in blocks else forms.Form
    form = form_class(prefix=f"b{number}", initial=settings)
    return EditedBlock(number, kind, settings, _dressed(form), number == opened)


def read_edited(data: Any) -> Edited:
    """What the page sent, as typed; nothing is refused here."""
    if "html" in data:
        return Edited(html=data["html"])
    try:
        number_of_blocks = min(BLOCKS_MAX, int(data.get("blocks", 0)))
    except ValueError:
        number_of_blocks = 0
    found = []
    for number in range(1, number_of_blocks + 1):
        kind = data.get(f"b{number}-kind", "")
        form_class = blocks.get(kind).form_class if kind in blocks else forms.Form
        form = _dressed(form_class(data, prefix=f"b{number}"))
        sent = {name: form[name].data for name in form.fields}
        settings = {name: value for name, value in sent.items() if value is not None}
        found.append(EditedBlock(number, kind, settings, form))
    return Edited(blocks=found)


def _dressed(form: forms.Form) -> forms.Form:
    """The form with what the page's script looks for: code is code, prose may be written."""
    for name, each in form.fields.items():
        if not isinstance(each.widget, forms.Textarea):
            continue
        each.widget.attrs["rows"] = 6
        if name == "html" and "align" in form.fields:
            each.widget.attrs["data-rich"] = ""
        elif name == "html":
            each.widget.attrs.update({"class": "code-in", "spellcheck": "false"})
    return form


def changed_body(body: Sequence[dict[str, Any]], operation: str, at: str) -> tuple[Body, int]:
    """The blocks after `add:<kind>`, `up:<n>`, `down:<n>`, `copy:<n>` or `delete:<n>`.

    Also the number of the block to show next, 0 for none. An operation that makes no sense
    changes nothing.
    """
    verb, _colon, what = operation.partition(":")
    rows = list(body)
    if verb == "add" and what in blocks and len(rows) < BLOCKS_MAX:
        place = _number(at, len(rows) + 1, default=place_for_new(rows))
        rows.insert(place, {"kind": what, "settings": first_words(what)})
        return rows, place + 1
    number = _number(what, len(rows) + 1, default=0)
    if number == 0:
        return rows, 0
    row = rows[number - 1]
    if verb == "delete":
        rows.pop(number - 1)
        return rows, 0
    if verb == "copy" and len(rows) < BLOCKS_MAX:
        rows.insert(number, {**row, "settings": dict(row["settings"])})
        return rows, number + 1
    other = {"up": number - 1, "down": number + 1}.get(verb, 0)
    if 1 <= other <= len(rows):
        rows[number - 1], rows[other - 1] = rows[other - 1], row
        return rows, other
    return rows, number


def _number(text: str, below: int, *, default: int) -> int:
    if text.isascii() and text.isdigit() and int(text) < below:
        return int(text)
    return default


def place_for_new(body: Sequence[Mapping[str, Any]]) -> int:
    """How many blocks stand before a new one: all but a footer at the end."""
    ends_in_footer = bool(body) and body[-1].get("kind") == "footer"
    return len(body) - ends_in_footer


def place_problems(edited: Edited, fields: forms.Form, problems: Iterable[Problem]) -> None:
    """Show what the compiler found at the field, or the block, that it is about."""
    for problem in problems:
        found = _WHERE.match(problem.field)
        number = int(found[1]) if found else 0
        if problem.field in fields.fields:
            fields.add_error(problem.field, problem.message)
        elif found and 1 <= number <= len(edited.blocks):
            block = edited.blocks[number - 1]
            block.form.is_valid()
            block.form.add_error(
                found[2] if found[2] in block.form.fields else None, problem.message
            )
        elif problem.field == "html" and edited.html is not None:
            edited.html_problems.append(str(problem.message))
        else:
            fields.add_error(None, problem.message)


@dataclass(frozen=True)
class Check:
    """One line of "Before you send": a tone (ok, warn, bad) and a sentence."""

    tone: str
    text: str


def checks_of(draft: TemplateDraft) -> list[Check]:
    """What to look at before this mail is sent."""
    try:
        compiled = compile_draft(draft)
    except TemplateError as error:
        return [Check("bad", sentence_of(problem)) for problem in error.problems]
    warned = {warning.code for warning in compiled.warnings}
    found = [Check("warn", warning.message) for warning in compiled.warnings]
    found += _checks_of_fields(compiled)
    found += _checks_of_images(draft.body)
    if "no_unsubscribe" not in warned:
        found.append(Check("ok", _("Has an unsubscribe link.")))
    if "gmail_clips" not in warned:
        size = _("%(size)d KB, under Gmail's limit of %(most)d KB.") % {
            "size": max(1, compiled.size // 1024),
            "most": GMAIL_CLIPS_AT // 1024,
        }
        found.append(Check("ok", size))
    return found


def sentence_of(problem: Problem) -> str:
    """What is wrong, with the number of the block it is in."""
    found = _WHERE.match(problem.field)
    if not found:
        return str(problem.message)
    return _("Block %(number)s: %(problem)s") % {"number": found[1], "problem": problem.message}


def _checks_of_fields(compiled: CompiledTemplate) -> list[Check]:
    keys = set(ContactField.objects.values_list("key", flat=True))
    known = {
        *(f"contact.{name}" for name in INVENTED),
        *(f"contact.{key}" for key in keys),
        *(f"contact.fields.{key}" for key in keys),
    }
    return [
        Check("warn", _("There is no contact field “%(name)s”; it stays empty.") % {"name": name})
        for name in compiled.fields
        if name.startswith("contact.") and name not in known
    ]


def _checks_of_images(body: Body) -> list[Check]:
    if isinstance(body, dict):
        return []
    pictures = [item["settings"] for item in body if item["kind"] == "image"]
    bare = [settings for settings in pictures if not str(settings.get("alt") or "").strip()]
    if bare:
        return [Check("warn", _("A picture has no description."))]
    return [Check("ok", _("Every picture has a description."))] if pictures else []


def merge_field_help() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What may stand between two braces, in groups: (code, label, example)."""
    groups = [
        (str(each.label), [(code, str(label), example) for code, label, example in each.examples()])
        for each in merge_fields
    ]
    business = [(code, str(label), text) for code, label, text in BUSINESS_FIELDS]
    groups.insert(1, (_("Business"), business))
    return [(title, rows) for title, rows in groups if rows]
