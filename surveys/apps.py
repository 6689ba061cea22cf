from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
