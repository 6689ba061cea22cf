"""The database itself refuses to change or delete what people allowed."""

from django.db import migrations

CREATE = """
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON contacts_consententry
    FOR EACH ROW EXECUTE FUNCTION public.refuse_change()
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("tenants", "0002_functions")]

    operations = [
        migrations.RunSQL(CREATE, "DROP TRIGGER consent_append_only ON contacts_consententry"),
    ]
