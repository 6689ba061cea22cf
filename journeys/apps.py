from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"
    is_viaggio = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register the lane and the eraser, for any process.
        from journeys import erasure, tasks  # noqa: F401
        from journeys.replaying import erasure as _replays  # noqa: F401
        from journeys.replaying import running  # noqa: F401
