"""The test walk: one person through a journey on a fast clock, and what they do on the way."""
