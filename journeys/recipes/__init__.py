"""Journeys ready to publish that need nothing from the floors above, one file each."""
