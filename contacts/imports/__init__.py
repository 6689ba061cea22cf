"""Imports of contact files: uploading, matching columns, running in batches."""
