from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Tools without opinions. Listed last in INSTALLED_APPS, so that all models are loaded."""

    name = "core"
    is_viaggio = True

    def ready(self) -> None:
        from core.discovery import import_plugins

        import_plugins()
