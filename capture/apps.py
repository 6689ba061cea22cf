from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "capture"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
