from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"
