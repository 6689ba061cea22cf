from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
