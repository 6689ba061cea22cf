from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
