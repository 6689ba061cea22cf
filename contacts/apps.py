from importlib import import_module

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The bulk lane and its kinds of jobs register themselves; whoever hints must know them too.
        for module in ("bulk", "imports.running", "exports", "origins.mailchimp",
                       "origins.klaviyo", "tasks"):  # fmt: skip
            import_module(f"contacts.{module}")
