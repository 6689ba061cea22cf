from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
