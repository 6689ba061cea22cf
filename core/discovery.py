"""Imports every plug-in module at start, so that registering is all a plug-in has to do."""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps

# A module or package of one of these names in any app is imported when Django is ready.
PLUGIN_MODULES = (
    "attention",
    "behaviours",
    "blocks",
    "defaults",
    "demo",
    "conditions",
    "consumers",
    "daily",
    "entries",
    "event_types",
    "explaining",
    "guards",
    "ingredients",
    "inbound",
    "merge_fields",
    "metrics",
    "navigation",
    "onboarding",
    "operations",
    "panels",
    "providers",
    "questions",
    "recipes",
    "report_panels",
    "rehearsal",
    "segment_uses",
    "settings_tabs",
    "split_metrics",
    "starters",
    "shops",
    "steps",
    "subjects",
    "tasks",
    "timeline",
)


def import_plugins() -> list[str]:
    """Import all plug-in modules of the project's apps; returns their dotted names."""
    found: list[str] = []
    for app in apps.get_app_configs():
        if not getattr(app, "is_viaggio", False):
            continue
        for name in PLUGIN_MODULES:
            found += _import_tree(f"{app.name}.{name}")
    return found


def _import_tree(dotted: str) -> list[str]:
    if find_spec(dotted) is None:
        return []
    module = import_module(dotted)
    names = [dotted]
    for child in iter_modules(getattr(module, "__path__", [])):
        names += _import_tree(f"{dotted}.{child.name}")
    return names
