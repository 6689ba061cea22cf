"""Doors: hosted pages that anyone may open, and the pages on which forms are kept."""
