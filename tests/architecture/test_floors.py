"""The floors of docs/architecture.md hold, and what is plugged in keeps the common promises."""

import gc
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from core.discovery import import_plugins
from core.registry import AlreadyRegistered, NotRegistered, Registry

import_plugins()
# What of a plug-in people read.
WORDS = ("label", "title", "name", "description", "sentence")
KEY = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
REGISTRIES = sorted(
    (each for each in gc.get_objects() if type(each) is Registry), key=lambda each: each.name
)

# Those whose first plug-in comes with a room above that is not built yet.
FILLED_LATER: set[str] = set()


def plugged_in(attribute: str = "key") -> list[Any]:
    """Everything in every registry that has this attribute, and something in it."""
    return [
        pytest.param(item, id=f"{registry.name}: {item.key}")
        for registry in REGISTRIES
        for item in registry
        if getattr(item, attribute, "")
    ]


def test_imports_go_down_only():
    # the same contracts as `make floors`, so that a test run alone tells of a broken one
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint, "--no-cache"], cwd=settings.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_registries_are_found():
    names = [registry.name for registry in REGISTRIES]
    assert {"journey steps", "conditions", "providers", "event types", "navigation"} <= set(names)
    assert len(names) == len(set(names))
    assert {registry.name for registry in REGISTRIES if not len(registry)} <= FILLED_LATER


@pytest.mark.parametrize(
    "registry", list(filter(len, REGISTRIES)), ids=lambda registry: registry.name
)
def test_a_registry_refuses_a_second_of_the_same_key(registry: Registry[Any]):
    before = registry.keys()
    item = next(iter(registry))
    with pytest.raises(AlreadyRegistered):
        registry.register(item)
    with pytest.raises(NotRegistered):
        registry.get("no such key")
    assert registry.keys() == before


@pytest.mark.parametrize("item", plugged_in())
def test_a_plug_in_has_a_key_that_can_be_stored(item: Any):
    assert KEY.fullmatch(str(item.key))
    assert len(str(item.key)) <= 40


@pytest.mark.parametrize("item", plugged_in())
def test_what_people_read_of_a_plug_in_is_translated_when_read(item: Any):
    # A word fixed at start would be in one language for everybody. Names of other people's
    # products are the same in all.
    for attribute in WORDS:
        words = getattr(item, attribute, None)
        if isinstance(words, str):
            assert words.lower() == str(item.key).replace("_", " "), (
                f"{attribute} must be lazy: gettext_lazy"
            )
        elif isinstance(words, Promise):
            assert str(words)


@pytest.mark.parametrize("item", plugged_in("icon"))
def test_a_plug_in_s_icon_exists(item: Any):
    try:
        lucide(item.icon)
    except IconDoesNotExist:
        pytest.fail(f"{item.icon} is no Lucide icon")


@pytest.mark.parametrize("item", plugged_in("url_name"))
def test_a_plug_in_leads_somewhere(item: Any):
    try:
        assert reverse(item.url_name, urlconf="config.urls").startswith("/")
    except NoReverseMatch:
        pytest.fail(f"{item.url_name} is the name of no route")


@pytest.mark.parametrize("item", plugged_in("template"))
def test_a_plug_in_s_template_exists(item: Any):
    assert get_template(item.template)
