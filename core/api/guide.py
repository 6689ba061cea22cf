"""Placeholder until written."""
def guide() -> dict: return {}
