"""Journeys ready to publish, with their mails."""
