from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
