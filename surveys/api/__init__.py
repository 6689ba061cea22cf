"""Surveys and reviews by API."""
