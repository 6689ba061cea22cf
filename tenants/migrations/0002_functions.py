"""Functions shared by all schemas: time-sorted ids in SQL, and append-only tables."""

from django.db import migrations

# RFC 9562, 5.7: 48 bits of Unix milliseconds over a random UUID, its version set to 7. PostgreSQL
# has uuidv7() only from 18 on.
UUID7 = """
CREATE OR REPLACE FUNCTION public.uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    PLACING substring(
                        int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
                    )
                    FROM 1 FOR 6
                ),
                52, 1
            ),
            53, 1
        ),
        'hex'
    )::uuid
$$;
"""
# Erasure is the one exception, and says so in its own transaction.
APPEND_ONLY = """
CREATE OR REPLACE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('viaggio.erasing', true) = 'on' AND TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(UUID7, "DROP FUNCTION public.uuid7()"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION public.refuse_change()"),
    ]
