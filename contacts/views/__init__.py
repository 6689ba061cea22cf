"""The contact pages: each view guards, parses, calls one service, renders."""
