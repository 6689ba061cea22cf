"""Turns a mail as its owner wrote it into literal pieces and nodes, once per version.

Blocks become MJML, MJML becomes HTML, HTML becomes pieces; links are found here, never while
sending. A link whose address has Liquid in it is filled in per message: its destination is
handed back with the rendered message, to be stored on the message's row before it leaves.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from mrml import RenderOptions, to_html

from campaigns import raw_html, sandbox
from campaigns.contracts import Brand, Look, blocks
from campaigns.document import document, whole_page
from campaigns.liquid_source import (
    MARK,
    Shelf,
    UnclosedLiquid,
    has_liquid,
    is_simple,
    names_in,
)
from campaigns.nodes import Part, Weaver
from campaigns.places import Token, holes, rewritten, tokens_of_html, tokens_of_text
from campaigns.plain_text import text_of
from core.errors import Invalid, Problem

FORMAT = 1
GMAIL_CLIPS_AT = 102 * 1024
SUBJECT_MAX = 255
SOURCE_MAX = 300_000

# The MJML that blocks may use; everything else is refused before it is rendered.
COMPONENTS = {
    "mjml", "mj-head", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-style",
    "mj-raw", "mj-body", "mj-section", "mj-wrapper", "mj-column", "mj-group", "mj-text",
    "mj-button", "mj-image", "mj-divider", "mj-spacer",
}  # fmt: skip
_COMPONENT = re.compile(r"<\s*(mj[\w-]*)")
_DANGEROUS = re.compile(
    r"(?:href|src)\s*=\s*[\"']?\s*((?:javascript|vbscript|data|file)\s*:[^\"'>\s]{0,60})", re.I
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")

BlockSettings = dict[str, Any]


class TemplateError(Invalid):
    """A mail that cannot be saved: the first problem's code and sentence, where it is, its line."""

    def __init__(self, problems: list[Problem], where: str = "", line: int = 1) -> None:
        super().__init__(problems[0].code, problems[0].message, problems)
        self.where = where or problems[0].field
        self.line = line


@dataclass(frozen=True)
class Warn:
    """Something the owner should look at; the mail can still be saved."""

    code: str
    message: str


@dataclass(frozen=True)
class CompiledTemplate:
    """One version of a mail, ready to be filled in; plain data, stored as JSON."""

    subject: Part
    html: Part
    text: Part
    nodes: list[list[Any]]
    links: list[str]
    liquid: list[tuple[bool, str]]
    fields: list[str]
    warnings: list[Warn] = field(default_factory=list)
    size: int = 0
    language: str = "en"
    format: int = FORMAT

    @cached_property
    def names(self) -> frozenset[str]:
        """The names it may ask for: the first word of each value, and all words in Liquid."""
        found = {word for _escapes, source in self.liquid for word in names_in(source)}
        for node in self.nodes:
            values = node[1] if node[0] == "url" else [node]
            found |= {one[1][0] for one in values if one[0] == "value"}
        return frozenset(found)

    def as_json(self) -> dict[str, Any]:
        """Plain lists, dicts and strings."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "CompiledTemplate":
        """The template back from what `as_json` gave."""
        parts = {name: Part(**data[name]) for name in ("subject", "html", "text")}
        warnings = [Warn(**warning) for warning in data["warnings"]]
        liquid = [(escapes, source) for escapes, source in data["liquid"]]
        return cls(**{**data, **parts, "warnings": warnings, "liquid": liquid})


def compile_template(
    *,
    subject: str,
    preheader: str = "",
    body: Sequence[BlockSettings] | None = None,
    html: str | None = None,
    brand: Brand,
    text: str | None = None,
) -> CompiledTemplate:
    """Compile a mail of blocks, or of HTML; raises TemplateError naming the field and the line.

    A block is `{"kind": "text", "settings": {...}}`. Without `text` the plain part is made from
    the same blocks.
    """
    with translation.override(brand.language):
        return _Compiler(brand).compile(subject, preheader, list(body or []), html, text)


class _Compiler:
    def __init__(self, brand: Brand) -> None:
        self.shelf = Shelf()
        self.brand = brand
        self.look = Look(brand, self.shelf.keep)
        self.problems: list[Problem] = []
        self.lines: list[int] = []
        self.warnings: list[Warn] = []
        self._to_check: list[tuple[str, str]] = []

    def compile(
        self,
        subject: str,
        preheader: str,
        body: list[BlockSettings],
        html: str | None,
        text: str | None,
    ) -> CompiledTemplate:
        self._check_sizes(subject, body, html)
        hidden_subject = self._hidden("subject", " ".join(subject.split()))
        hidden_preheader = self._hidden("preheader", " ".join(preheader.split()))
        if html is None:
            page, plain = self._from_blocks(body, hidden_preheader)
        else:
            page, plain = self._from_html(html, hidden_preheader)
        if text is not None:
            plain = _WEB_ADDRESS.sub("\x02\\g<0>\x03", self._hidden("text", text))
        self._check_liquid()
        self._refuse_problems()
        return self._woven(hidden_subject, page, plain)

    def _woven(self, subject: str, page: str, plain: str) -> CompiledTemplate:
        html_tokens, dropped = tokens_of_html(self.shelf.unkept(page))
        for address in dropped:
            self._warn_dropped(address)
        subject_tokens: list[Token] = [*holes(subject, "raw")]
        weaver = Weaver(self.shelf.liquid)
        try:
            parts = {
                "subject": weaver.part(self._shown(subject_tokens), escapes=False),
                "html": weaver.part(self._shown(html_tokens), escapes=True),
                "text": weaver.part(self._shown(tokens_of_text(plain)), escapes=False),
            }
        except ValueError:
            self._problem(
                "liquid_in_attribute",
                "html",
                _("A Liquid tag opens inside a link or an attribute and closes outside of it."),
            )
            self._refuse_problems()
            raise
        size = sum(len(literal.encode()) for literal in parts["html"].literals)
        self._warn_about(size, weaver)
        return CompiledTemplate(
            subject=parts["subject"],
            html=parts["html"],
            text=parts["text"],
            nodes=weaver.nodes,
            links=weaver.links,
            liquid=weaver.liquid,
            fields=sorted(weaver.fields),
            warnings=self.warnings,
            size=size,
            language=self.brand.language,
        )

    def _shown(self, tokens: list[Token]) -> list[Token]:
        return rewritten(tokens, self.shelf.unhidden)

    # What the owner wrote

    def _from_blocks(self, body: list[BlockSettings], preheader: str) -> tuple[str, str]:
        sections: list[str] = []
        column: list[str] = []
        texts: list[str] = []
        for number, item in enumerate(body, start=1):
            drawn = self._drawn(number, item)
            if drawn is None:
                continue
            mjml, plain, is_section = drawn
            texts.append(plain)
            if not is_section:
                column.append(mjml)
                continue
            sections += [_card(column), mjml]
            column = []
        sections.append(_card(column))
        source = document("".join(sections), preheader=preheader, look=self.look)
        self._check_components(source)
        if self.problems:
            return "", ""
        # No font is fetched from anywhere, and no icon.
        options = RenderOptions(fonts={}, social_icon_origin="https://localhost/")
        page = to_html(source, render_options=options).content
        return page, "\n\n".join(text for text in texts if text)

    def _drawn(self, number: int, item: BlockSettings) -> tuple[str, str, bool] | None:
        kind = str(item.get("kind", ""))
        where = _("block %(number)d (%(kind)s)") % {"number": number, "kind": kind}
        if kind not in blocks:
            self._problem("unknown_block", where, _("There is no block of this kind."))
            return None
        block = blocks.get(kind)
        settings = self._clean(where, block.form_class, item.get("settings") or {})
        if settings is None:
            return None
        mjml = self.shelf.rehide(block.mjml(settings, self.look))
        plain = self.shelf.rehide(block.text(settings, self.look))
        return mjml, plain, block.is_section

    def _clean(
        self, where: str, form_class: type[forms.Form], raw: dict[str, Any]
    ) -> dict[str, Any] | None:
        form = form_class(raw)
        if not form.is_valid():
            for name, errors in form.errors.as_data().items():
                for error in errors:
                    sentence = " ".join(str(message) for message in error.messages)
                    self._problem(error.code or "invalid", f"{where}: {name}", sentence)
            return None
        return {
            name: self._hidden(f"{where}: {name}", value) if isinstance(value, str) else value
            for name, value in form.cleaned_data.items()
        }

    def _from_html(self, html: str, preheader: str) -> tuple[str, str]:
        hidden = raw_html.tags_as_comments(self._hidden("html", html))
        styles, inner = raw_html.parted(hidden)
        inner = raw_html.tags_from_comments(inner)
        if set(MARK.findall(hidden)) - set(MARK.findall(styles + inner)):
            self._problem(
                "liquid_misplaced",
                "html",
                _("Some Liquid stands where it gets lost, as between the attributes of a tag."),
            )
        plain = text_of(inner, self.look.link)
        return whole_page(inner, styles=styles, preheader=preheader, brand=self.brand), plain

    def _hidden(self, where: str, source: str) -> str:
        for found in _DANGEROUS.finditer(source):
            self._warn_dropped(found[1])
        if has_liquid(source) and not is_simple(source):
            self._to_check.append((where, source))
        try:
            return self.shelf.hide(source)
        except UnclosedLiquid as unclosed:
            self._problem(
                "liquid_unclosed",
                where,
                _("“{{” or “{%%” opens on line %(line)d and never closes.")
                % {"line": unclosed.line},
                unclosed.line,
            )
            return ""

    # What is wrong with it

    def _check_sizes(self, subject: str, body: list[BlockSettings], html: str | None) -> None:
        if not subject.strip():
            self._problem("subject_empty", "subject", _("The subject is empty."))
        elif len(subject) > SUBJECT_MAX:
            self._problem("subject_too_long", "subject", _("The subject is too long."))
        if len(html or "") > SOURCE_MAX or len(repr(body)) > SOURCE_MAX:
            self._problem("template_too_long", "html", _("The mail is too long."))
            self._refuse_problems()

    def _check_components(self, source: str) -> None:
        foreign = set(_COMPONENT.findall(source)) - COMPONENTS
        if foreign:
            self._problem(
                "unknown_component",
                "html",
                _("%(name)s cannot be used in a mail.") % {"name": sorted(foreign)[0]},
            )

    def _check_liquid(self) -> None:
        found = sandbox.check([source for _where, source in self._to_check])
        for (where, _source), problem in zip(self._to_check, found, strict=True):
            if problem is not None:
                code, sentence = _told(problem)
                self._problem(code, where, sentence, problem.line)

    def _problem(self, code: str, where: str, sentence: str, line: int = 1) -> None:
        self.problems.append(Problem(code, sentence, where))
        self.lines.append(line)

    def _refuse_problems(self) -> None:
        if self.problems:
            raise TemplateError(self.problems, line=self.lines[0])

    def _warn_dropped(self, address: str) -> None:
        sentence = _("The link “%(address)s” was taken out: mail programs must not open it.") % {
            "address": address[:60]
        }
        if sentence not in [warning.message for warning in self.warnings]:
            self.warnings.append(Warn("link_dropped", sentence))

    def _warn_about(self, size: int, weaver: Weaver) -> None:
        if size > GMAIL_CLIPS_AT:
            self.warnings.append(
                Warn(
                    "gmail_clips",
                    _("The mail has %(size)d KB; Gmail cuts it off at 102 KB.")
                    % {"size": size // 1024},
                )
            )
        if "unsubscribe" not in weaver.slots:
            self.warnings.append(
                Warn("no_unsubscribe", _("There is no unsubscribe link; add the footer block."))
            )


def _card(column: list[str]) -> str:
    if not column:
        return ""
    return (
        '<mj-section css-class="vg-card" background-color="#ffffff" border-radius="12px" '
        f'padding="20px 0"><mj-column>{"".join(column)}</mj-column></mj-section>'
    )


def _told(problem: sandbox.SyntaxProblem) -> tuple[str, str]:
    where = {"line": problem.line, "detail": escape(problem.detail, quote=False)}
    if problem.code == "unknown_filter":
        return "unknown_filter", _("Line %(line)d: there is no filter “%(detail)s”.") % where
    if problem.code == "too_deep":
        return "template_too_deep", _("The template is nested too deeply.")
    if problem.detail in ("unexpected tag 'include'", "unexpected tag 'render'"):
        return "template_not_found", _("Line %(line)d: no other template can be read here.") % where
    if problem.detail.startswith("unexpected tag"):
        return "unknown_tag", _("Line %(line)d: %(detail)s.") % where
    return "liquid_syntax", _("Line %(line)d: %(detail)s.") % where
