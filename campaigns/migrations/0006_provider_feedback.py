from django.db import migrations, models

import campaigns.models
import core.secrets

# A token of 244 random bits for each account there is.
TOKENS = """
    UPDATE campaigns_provideraccount
       SET feedback_token = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="provideraccount",
            name="feedback_token",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.RunSQL(TOKENS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="provideraccount",
            name="feedback_token",
            field=models.CharField(
                default=campaigns.models.new_feedback_token, max_length=64, unique=True
            ),
        ),
        migrations.AddField(
            model_name="provideraccount",
            name="feedback_secrets",
            field=core.secrets.EncryptedJSONField(null=True),
        ),
        migrations.AddField(
            model_name="provideraccount",
            name="feedback_refused",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="provideraccount",
            name="feedback_refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="bounced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="complained_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("provider_message_id", ""), _negated=True),
                fields=["provider_message_id"],
                name="message_by_provider_id",
            ),
        ),
    ]
