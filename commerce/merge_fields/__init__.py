"""Names for templates, one file each."""
