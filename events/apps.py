from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the lane, for whoever lowers it in any process.
        from events import tasks  # noqa: F401
