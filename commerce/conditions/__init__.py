"""Segment conditions about what people bought, one file each."""
