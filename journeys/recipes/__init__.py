"""Journeys ready to publish, one file each; every file registers itself."""
