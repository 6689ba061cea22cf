"""The shop by API."""
