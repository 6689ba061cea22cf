"""Segment conditions, one file each; every file registers itself."""
