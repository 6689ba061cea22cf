"""The table behind core.rate_limits: one shared count per limit and hashed subject."""

from django.db import migrations

# The primary key is read by take(); the index by forget_past().
CREATE = """
CREATE TABLE public.rate_counts (
    key text PRIMARY KEY,
    taken integer NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX rate_counts_past ON public.rate_counts (ends_at);
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_functions")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE public.rate_counts")]
