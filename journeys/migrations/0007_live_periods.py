import django.db.models.deletion
from django.db import migrations, models

# What is known of journeys that ran before anybody noted it down: since their first version, until
# they last changed where they do not run.
FILL = """
    INSERT INTO journeys_liveperiod (journey_id, began_at, ended_at)
    SELECT journey.id, min(version.published_at),
           CASE WHEN journey.status <> 'live'
                THEN GREATEST(journey.updated_at, min(version.published_at)) END
      FROM journeys_journey AS journey
      JOIN journeys_journeyversion AS version ON version.journey_id = journey.id
     WHERE journey.live_version_id IS NOT NULL
     GROUP BY journey.id"""


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0006_versions_and_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="LivePeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="live_periods",
                        to="journeys.journey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("journey",),
                        name="live_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
