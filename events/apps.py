from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
