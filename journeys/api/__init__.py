"""Journeys by API, a module for each noun."""
