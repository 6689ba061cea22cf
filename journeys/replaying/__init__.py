"""Replaying the last weeks of real events through a draft, and through what is live beside it."""
