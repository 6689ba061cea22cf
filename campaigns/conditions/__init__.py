"""Segment conditions about mail; every file registers itself."""
