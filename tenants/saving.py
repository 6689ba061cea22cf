"""A row loaded in one workspace is never saved or deleted in another.

Some ids are the same in every schema, so saving Acme's row 7 in Globex would overwrite Globex's.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from core.errors import Permanent
from tenants.context import schema_name

# On `_state`, which Django makes for every instance.
MARK = "viaggio_schema"


class WrongWorkspace(Permanent):
    """A row of one workspace was about to be written in another."""

    def __init__(self, instance: Model, home: str) -> None:
        super().__init__(
            "wrong_workspace",
            f"{instance._meta.label} of {home} cannot be written in {schema_name()}.",
        )


def guarded_models() -> list[type[Model]]:
    """Every model whose table is in the workspaces' schemas only."""
    private = set(settings.TENANT_APPS) - set(settings.SHARED_APPS)
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if apps.get_app_config(model._meta.app_label).name in private
    ]


def guard_saves() -> None:
    """Mark what is loaded and check what is saved or deleted, for every guarded model.

    `from_db` is wrapped because a `post_init` receiver costs each loaded row more than twice as
    much (1.6 against 0.7 microseconds), and `delete` because a `pre_delete` receiver would make
    every bulk delete load its rows first.
    """
    for model in guarded_models():
        _wrap(model)
        pre_save.connect(refuse_elsewhere, sender=model, dispatch_uid="viaggio_saving")
        post_save.connect(mark_home, sender=model, dispatch_uid="viaggio_saved")


def _wrap(model: Any) -> None:
    from_db, delete = model.from_db.__func__, model.delete

    def marked(cls: type[Model], db: str | None, field_names: Any, values: Any) -> Model:
        instance: Model = from_db(cls, db, field_names, values)
        mark_home(instance)
        return instance

    def checked(self: Model, *args: Any, **kwargs: Any) -> Any:
        refuse_elsewhere(self)
        return delete(self, *args, **kwargs)

    model.from_db, model.delete = classmethod(marked), checked


def refuse_elsewhere(instance: Model, **kwargs: Any) -> None:
    """Raise WrongWorkspace unless the row is at home here or nowhere yet."""
    home = instance._state.__dict__.get(MARK)
    if home is not None and home != schema_name():
        raise WrongWorkspace(instance, home)


def mark_home(instance: Model, **kwargs: Any) -> None:
    """A row that was just read or written is at home here."""
    instance._state.__dict__[MARK] = schema_name()
