"""Panels of the journey report, one file each."""
