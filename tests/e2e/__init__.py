"""The product as a newcomer meets it: all its processes, and a real browser."""
