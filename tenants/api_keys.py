"""Authentication of the API by key."""
