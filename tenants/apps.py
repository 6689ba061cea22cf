from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import signals  # noqa: F401  registers its receivers
        from tenants.saving import guard_saves

        guard_saves()
