"""Promises about processes, kept by really killing them. See docs/promises.md."""
