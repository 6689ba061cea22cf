"""Italian: the catalogue is whole and compiled, and what customers of a business read is in it."""

import ast
import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

CATALOGUE = settings.ROOT / "locale" / "it" / "LC_MESSAGES"
# What a business's customers read, and what the installation's own mails and doors say.
FOR_CUSTOMERS = (
    "capture/**/*.py",
    "campaigns/blocks/footer.py",
    "core/error_pages.py",
    "tenants/accounts.py",
    "tenants/forms.py",
    "tenants/system_mail.py",
    "templates/4*.html",
    "templates/500.html",
    "templates/account/**/*",
    "templates/capture/**/*",
    "templates/hosted.html",
    "templates/hosted/**/*",
    "templates/public.html",
    "surveys/**/*.py",
    "templates/surveys/**/*",
    "templates/tenants/**/*",
)
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
LITERAL = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
IN_TEMPLATE = re.compile(rf"\b(?:_|n?gettext)\(\s*u?({LITERAL})(?:\s*,\s*u?({LITERAL}))?")


def strings_of_python(path: Path) -> Iterator[str]:
    """The strings a module marks for translation."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def strings_of_template(path: Path) -> Iterator[str]:
    """The strings a template marks for translation."""
    for found in IN_TEMPLATE.finditer(templatize(path.read_text())):
        yield str(ast.literal_eval(found[1]))


def compiled() -> dict[str, str]:
    """msgid to Italian, as programs read it; of a plural its first form."""
    with (CATALOGUE / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        key if isinstance(key, str) else key[0]: words
        for key, words in read.items()
        if isinstance(key, str) or key[1] == 0
    }


def written() -> list[tuple[str, str]]:
    """(msgid, Italian) of every entry of the catalogue as people edit it."""
    entries = []
    for block in (CATALOGUE / "django.po").read_text().split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in io.StringIO(block):
            if line.startswith("#") or not line.strip():
                continue
            if not line.startswith('"'):
                name, _, line = line.partition(" ")
                parts[name] = ""
            parts[name] += ast.literal_eval(line.strip())
        words = "" if "" in (said := _said(parts)) else said[0]
        entries.append((parts["msgid"], words))
    return entries


def _said(parts: dict[str, str]) -> list[str]:
    return [words for name, words in parts.items() if name.startswith("msgstr")]


def test_every_entry_is_translated_and_sure():
    empty = [msgid for msgid, words in written() if not words]
    assert empty == [], "Translate these in locale/it, then run `make messages`."
    assert "#, fuzzy" not in (CATALOGUE / "django.po").read_text()


def test_the_compiled_catalogue_is_the_written_one():
    known = compiled()
    stale = [msgid for msgid, words in written() if msgid and known.get(msgid) != words]
    assert stale == [], "Run `make messages` and commit locale/it/LC_MESSAGES/django.mo."


@pytest.mark.parametrize("pattern", FOR_CUSTOMERS)
def test_what_customers_read_is_in_italian(pattern: str):
    # given everything a page or mail for customers may say
    read = {".py": strings_of_python, ".html": strings_of_template, ".txt": strings_of_template}
    files = [path for path in settings.ROOT.glob(pattern) if path.suffix in read]
    assert files != []
    known = compiled()

    # then each has an Italian form; after adding one, `make messages` lists it in locale/it
    missing = {
        f"{path.relative_to(settings.ROOT)}: {text}"
        for path in files
        for text in read[path.suffix](path)
        if not known.get(text)
    }
    assert missing == set()


def test_the_reading_of_sources_finds_strings(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% translate "One" %}{% blocktranslate with a=b %}Two {{ a }}'
        "{% endblocktranslate %}{% blocktranslate count n=m %}Three{% plural %}Threes"
        '{% endblocktranslate %}{% include "x" with title=_("Four") %}'
    )
    assert list(strings_of_template(page)) == ["One", "Two %(a)s", "Three", "Four"]
    module = tmp_path / "module.py"
    module.write_text('A = _("Five")\nB = ngettext("Six", "Sixes", 2)\nC = other("Seven")\n')
    assert list(strings_of_python(module)) == ["Five", "Six"]


@pytest.mark.parametrize(
    ("english", "italian"),
    [
        ("Unsubscribe", "Annulla l’iscrizione"),
        ("Preferences", "Preferenze"),
        ("View in the browser", "Apri nel browser"),
        ("Confirm email", "Conferma l'email"),
    ],
)
def test_italian_is_spoken(english: str, italian: str):
    with translation.override("it"):
        assert translation.gettext(english) == italian
